import type { TelegramBot, TelegramDirectory } from '../../channels/telegram/createTelegramDirectory.ts';
import { groupAsAgent } from '../../channels/telegram/groupAsAgent.ts';
import type { ButtonPress } from '../../channels/telegram/parsePress.ts';
import type { Agent, TopicCommand, UpdateCommand } from '../../contracts/conversation.ts';
import { CodedError, type ErrorCode } from '../../contracts/errors.ts';
import type { AgentsSettings } from '../../contracts/tenantSettings.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Engine } from '../engine.ts';
import { LOST_PRESS } from './answerLostPress.ts';
import { topicCommand } from './topicCommand.ts';

export interface PressDependencies {
  engine: Pick<Engine, 'command' | 'signalAgentCommand'>;
  telegram: Pick<TelegramDirectory, 'connectionsOf'>;
  agentsSettings(tenantId: string): Promise<AgentsSettings>;
}

interface Answer {
  text: string;
  /** Shown until it is dismissed. */
  alert: boolean;
}

const DONE: Partial<Record<UpdateCommand['name'], string>> = {
  canned: 'Sent.',
  claim: 'You have this conversation.',
  release: 'Given back: the bot answers again.',
  close: 'Closed.',
  reopen: 'Opened again: you have it.',
  snooze: 'Put aside. It comes back by itself.',
};

/** Orders by which an agent becomes known to the visitor. */
const NAMES_AGENT: ReadonlySet<TopicCommand['name']> = new Set(['claim', 'reopen', 'canned']);

const REFUSED: Partial<Record<ErrorCode, string>> = {
  already_claimed: 'Somebody else has this conversation. /release gives it back.',
  conversation_closed: 'This conversation is closed. Reopen it first.',
  conversation_not_found: LOST_PRESS,
};

/**
 * Does what a button asks for and answers the press, which Telegram shows to who pressed it. A press that comes again is done
 * once. Rejects while the engine is out of reach, when that has been answered: the update must then come again.
 */
export async function pressButton(
  { engine, telegram, agentsSettings }: PressDependencies,
  ref: ConversationRef,
  press: ButtonPress,
): Promise<void> {
  const command = topicCommand(press.order, await agentsSettings(ref.tenantId), Date.now());
  try {
    await answer(await carryOut(command));
  } catch (error) {
    const code = error instanceof CodedError ? error.code : 'internal';
    const refusal = REFUSED[code];
    await answer({ text: refusal ?? 'Not done yet: it is tried again in a moment.', alert: true });
    if (!refusal) throw error;
  }

  async function carryOut(order: TopicCommand): Promise<Answer> {
    const { key } = press;
    if (order.name === 'tell') return { text: order.text, alert: true };
    const agent = NAMES_AGENT.has(order.name) ? await whoPressed() : press.agent;
    if (order.name === 'canned_menu' || order.name === 'whoami') {
      await engine.signalAgentCommand(ref, { key, agent, command: order });
      return { text: '', alert: false };
    }
    await engine.command(ref, { agent, command: order }, key);
    return { text: DONE[order.name] ?? '', alert: false };
  }

  /** Telegram names the person, also one who writes in the group's name here: then the press is the group's too. */
  async function whoPressed(): Promise<Agent> {
    const member = await (await botOf())?.client.getMembership(press.chatId, press.userId);
    const isAnonymous = member?.ok && 'is_anonymous' in member.value && member.value.is_anonymous;
    return isAnonymous ? groupAsAgent(press.chatId) : press.agent;
  }

  async function botOf(): Promise<TelegramBot | undefined> {
    const connections = await telegram.connectionsOf(ref.tenantId);
    return connections.flatMap(({ bots }) => bots).find(({ botId }) => botId === press.botId);
  }

  /** Best effort: without it the button shows that it is busy for a while. */
  async function answer({ text, alert }: Answer): Promise<void> {
    const bot = await botOf();
    await bot?.client.answerPress(press.queryId, text, alert);
  }
}
