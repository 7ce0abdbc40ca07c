import { ApplicationFailure, condition, currentUpdateInfo, setHandler } from '@temporalio/workflow';
import type { AgentUpdate, ConversationInput, ConversationView, Rating } from '../../contracts/conversation.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import {
  agentCommandSignal,
  agentEditSignal,
  agentMessageSignal,
  channelRepairedSignal,
  commandUpdates,
  endSignal,
  ledgerSignal,
  openSignal,
  rateUpdate,
  resetUpdate,
  statusQuery,
  topicPolicyQuery,
  visitorChangedSignal,
  visitorMessageSignal,
  visitorSawSignal,
} from './messages.ts';
import type { Relay } from './relay.ts';
import { type ConversationState, type InboxItem, isAwaited } from './state.ts';
import { viewOf } from './view.ts';

export interface Decided {
  /** Whether the conversation was asked to end. */
  ending(): boolean;
  /** Tells the update that waits for `key`, if one does, how its command ended. */
  settle(key: string, refusal: ErrorCode | null): void;
  /** The run ends: refuses every update that waits, and takes no other. */
  refuseOthers(refusal: ErrorCode): void;
}

/** Signals and updates put into the inbox; an update waits until its command is recorded. */
export function handleMessages(
  { setup }: Pick<ConversationInput, 'setup'>,
  state: ConversationState,
  relay: Pick<Relay, 'change' | 'repaired'>,
): Decided {
  const { inbox } = state;
  const waiting = new Map<string, ErrorCode | null | undefined>();
  let refusing: ErrorCode | undefined;
  let ending = false;

  /** Puts what an update asks for into the inbox; returns the key under which its outcome will be. */
  function enter(itemOf: (key: string) => InboxItem): string {
    const key = `update/${currentUpdateInfo()?.id}`;
    waiting.set(key, refusing);
    if (!refusing) inbox.push(itemOf(key));
    return key;
  }

  const isOver = (key: string) => waiting.get(key) !== undefined;

  /** Throws when the command was refused. */
  function leave(key: string): void {
    const refusal = waiting.get(key);
    waiting.delete(key);
    if (refusal) throw ApplicationFailure.nonRetryable('The command was refused', refusal);
  }

  /** Resolves when what an update asks for is done. */
  async function ask(itemOf: (key: string) => InboxItem): Promise<void> {
    const key = enter(itemOf);
    await condition(() => isOver(key));
    leave(key);
  }

  async function onCommand({ agent, command }: AgentUpdate): Promise<ConversationView> {
    await ask((key) => ({ kind: 'agentCommand', key, agent, command }));
    return viewOf(state);
  }

  async function onRate({ rating }: Rating): Promise<Rating> {
    await ask((key) => ({ kind: 'rating', key, rating }));
    return { rating: state.closing?.rating ?? rating };
  }

  setHandler(visitorMessageSignal, (message) => void inbox.push({ kind: 'visitorMessage', ...message }));
  setHandler(openSignal, (opening) => void inbox.push({ kind: 'open', ...opening }));
  setHandler(agentMessageSignal, (message) => void inbox.push({ kind: 'agentMessage', ...message }));
  setHandler(agentEditSignal, (edit) => void inbox.push({ kind: 'agentEdit', ...edit }));
  setHandler(visitorSawSignal, (seen) => void inbox.push({ kind: 'visitorSaw', ...seen }));
  setHandler(visitorChangedSignal, () => void inbox.push({ kind: 'visitorChanged' }));
  setHandler(agentCommandSignal, (command) => void inbox.push({ kind: 'topicCommand', ...command }));
  setHandler(ledgerSignal, (signal) => {
    if (signal.action === 'enqueue') inbox.push({ kind: 'ledger', ...signal });
    else relay.change(signal);
  });
  setHandler(channelRepairedSignal, () => relay.repaired());
  setHandler(endSignal, () => {
    ending = true;
  });
  setHandler(statusQuery, () => viewOf(state));
  setHandler(topicPolicyQuery, () => setup.settings.topicPolicy);
  for (const update of Object.values(commandUpdates)) setHandler(update, onCommand);
  setHandler(rateUpdate, onRate);
  setHandler(resetUpdate, ({ setup }) => ask((key) => ({ kind: 'reset', key, setup })));

  return {
    ending: () => ending,
    settle(key, refusal) {
      if (waiting.has(key)) waiting.set(key, refusal);
    },
    refuseOthers(refusal) {
      refusing = refusal;
      const refused = [...waiting].flatMap(([key, outcome]) => (outcome === undefined ? [key] : []));
      for (const key of refused) waiting.set(key, refusal);
      const left = inbox.filter((item) => !isAwaited(item) || !refused.includes(item.key));
      inbox.splice(0, inbox.length, ...left);
    },
  };
}
