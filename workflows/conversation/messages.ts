import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type {
  AgentCommandSignal,
  AgentEditSignal,
  AgentMessageSignal,
  AgentUpdate,
  ConversationSetup,
  ConversationView,
  OpenSignal,
  Rating,
  ResetUpdate,
  UpdateCommand,
  VisitorMessageSignal,
  VisitorSawSignal,
} from '../../contracts/conversation.ts';
import type { LedgerSignal } from '../../contracts/ledger.ts';

/** The name under which the conversation workflow is registered. */
export const CONVERSATION_WORKFLOW = 'conversation';

export const visitorMessageSignal = defineSignal<[VisitorMessageSignal]>('visitorMessage');
export const agentMessageSignal = defineSignal<[AgentMessageSignal]>('agentMessage');
export const agentEditSignal = defineSignal<[AgentEditSignal]>('agentEdit');
export const agentCommandSignal = defineSignal<[AgentCommandSignal]>('agentCommand');

/** An agent's message was shown or read: the agents see it by a reaction. Never sent for anything else. */
export const visitorSawSignal = defineSignal<[VisitorSawSignal]>('visitorSaw');

/** What is known of the visitor changed: the topic's card is brought up to date. */
export const visitorChangedSignal = defineSignal('visitorChanged');

/** The conversation begins before its first message; one that has begun stays as it is. */
export const openSignal = defineSignal<[OpenSignal]>('open');

/** An operator puts a notice into the conversation's ledger, or has one of its rows retried or skipped. */
export const ledgerSignal = defineSignal<[LedgerSignal]>('ledger');

/** The channel was repaired (rights given back, bot re-added): parked deliveries are tried at once. */
export const channelRepairedSignal = defineSignal('channelRepaired');

/** The visitor is being erased: the conversation ends without another word, and whoever asked deletes what there is. */
export const endSignal = defineSignal('end');

/** Why is the conversation as it is? */
export const statusQuery = defineQuery<ConversationView>('status');

/** When does the conversation get a topic? Decided by what it was set up with. */
export const topicPolicyQuery = defineQuery<ConversationSetup['settings']['topicPolicy']>('topicPolicy');

/** Everything said is deleted and the conversation begins anew; resolves when it is done. */
export const resetUpdate = defineUpdate<void, [ResetUpdate]>('reset');

/** The visitor says how the closed conversation was. Rejected with `conversation_open`. */
export const rateUpdate = defineUpdate<Rating, [Rating]>('rate');

type CommandUpdate = ReturnType<typeof defineUpdate<ConversationView, [AgentUpdate]>>;

/** One update a command, so that an operator reads in Temporal UI what was asked. Rejected with the code of the reason. */
export const commandUpdates: Record<UpdateCommand['name'], CommandUpdate> = {
  claim: defineUpdate('claim'),
  release: defineUpdate('release'),
  close: defineUpdate('close'),
  reopen: defineUpdate('reopen'),
  rename: defineUpdate('rename'),
  note: defineUpdate('note'),
  snooze: defineUpdate('snooze'),
  ai: defineUpdate('ai'),
  canned: defineUpdate('canned'),
};
