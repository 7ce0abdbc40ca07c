import { createHash } from 'node:crypto';
import type { BaseLogger } from 'pino';
import type { TelegramDirectory } from '../../channels/telegram/createTelegramDirectory.ts';
import type { MembershipChange } from '../../channels/telegram/parseMembership.ts';
import {
  type Answered,
  type GroupUpgrade,
  type ParsedUpdate,
  parseUpdate,
} from '../../channels/telegram/parseUpdate.ts';
import type { SentFile } from '../../channels/telegram/sentFile.ts';
import type { AgentCommandSignal } from '../../contracts/conversation.ts';
import { CodedError } from '../../contracts/errors.ts';
import type { AgentsSettings } from '../../contracts/tenantSettings.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Engine } from '../engine.ts';
import type { Limits } from '../limits/createLimits.ts';
import { limitRenames } from '../limits/limitRenames.ts';
import { answerLostPress } from './answerLostPress.ts';
import { pressButton } from './pressButton.ts';
import { topicCommand } from './topicCommand.ts';

export interface IntakeDependencies {
  /** The id of the conversation whose topic this is, within the tenant. */
  findConversation(tenantId: string, topic: { chatId: string; threadId: number }): Promise<string | undefined>;
  /** Has conversations try again at once what waits for a repair of the channel; resolves to how many were not told. */
  retryParked(tenantId: string): Promise<number>;
  /** The id of the message that stands in this message of the topic. */
  findMirrored(ref: ConversationRef, telegramMessageId: number): Promise<string | undefined>;
  agentsSettings(tenantId: string): Promise<AgentsSettings>;
  /** Notes a file that stands in the topic; the id by which it is known from now on. */
  registerFile(ref: ConversationRef, key: string, file: SentFile): Promise<string>;
  /** Notes that a bot of the tenant's group lost its place or its rights there. */
  reportTrouble(tenantId: string, trouble: Damage): Promise<void>;
  /** Takes the tenant's connection and topics along; throws `group_taken` where another tenant has the new id. */
  moveGroup(tenantId: string, upgrade: Omit<GroupUpgrade, 'kind'>): Promise<void>;
  /** Notes that somebody wrote a command in the General topic. */
  reportMisplaced(tenantId: string): Promise<void>;
  telegram: Pick<TelegramDirectory, 'hasBotNamed' | 'connectionsOf' | 'forget'>;
  engine: Pick<Engine, 'signalAgentMessage' | 'signalAgentEdit' | 'signalAgentCommand' | 'command'>;
  limits: Pick<Limits, 'consumeOnce' | 'giveBack'>;
  logger: Pick<BaseLogger, 'debug' | 'error'>;
}

type FromTopic = Extract<ParsedUpdate, { kind: 'message' | 'edit' | 'press' | 'command' }>;
type Message = Extract<FromTopic, { kind: 'message' }>;
type Edit = Extract<FromTopic, { kind: 'edit' }>;

type Damage = Extract<MembershipChange, { kind: 'damaged' }>;

/** A topic's row is written within milliseconds of the topic, or with the next attempt after a crash. */
const NOTED_WITHIN_MS = 15_000;

const TOO_MANY_TITLES = 'Not renamed: this conversation has had as many new subjects as it may have in one day.';

/**
 * Hands on what a person wrote in a topic. Resolves once it is durable, or when there is nothing to hand on; rejects when
 * database or engine are out of reach: the update must then come again. Any number of times: the engine knows its key.
 */
export type TelegramIntake = (tenantId: string, update: unknown) => Promise<void>;

export function createTelegramIntake({
  findConversation,
  retryParked,
  findMirrored,
  agentsSettings,
  registerFile,
  reportTrouble,
  moveGroup,
  reportMisplaced,
  telegram,
  engine,
  limits,
  logger,
}: IntakeDependencies): TelegramIntake {
  const ignore = (tenantId: string, reason: string) => {
    logger.debug({ tenant_id: tenantId, reason }, 'an update was ignored');
  };

  /** Whoever is not told tries by itself, minutes later: better that Telegram tells us of it again. */
  async function tellOfRepair(tenantId: string): Promise<void> {
    if ((await retryParked(tenantId)) === 0) return;
    throw new CodedError('engine_unavailable', 'Not every conversation heard of the repair.', { retryAfterSeconds: 1 });
  }

  /** A bot may be in other groups as well. */
  async function isOurs(tenantId: string, ...ids: readonly string[]): Promise<boolean> {
    return (await telegram.connectionsOf(tenantId)).some(({ chatId }) => ids.includes(chatId));
  }

  /** A plain group gets its other id when topics are switched on: what waited for just that may go out. */
  async function follow(tenantId: string, { chatId, newChatId }: GroupUpgrade): Promise<void> {
    // What comes again finds the group moved, but maybe not everybody told.
    if (!(await isOurs(tenantId, chatId, newChatId))) return ignore(tenantId, 'not_our_group');
    try {
      await moveGroup(tenantId, { chatId, newChatId });
    } catch (error) {
      if (!(error instanceof CodedError && error.code === 'group_taken')) throw error;
      const fields = { tenant_id: tenantId, chat_id: chatId, new_chat_id: newChatId, code: error.code };
      return logger.error(fields, 'a group was upgraded to an id that another tenant has');
    }
    telegram.forget(tenantId);
    await tellOfRepair(tenantId);
  }

  async function noteDamage(tenantId: string, damage: Damage): Promise<void> {
    if (!(await isOurs(tenantId, damage.chatId))) return ignore(tenantId, 'not_our_group');
    await reportTrouble(tenantId, damage);
    const fields = { tenant_id: tenantId, chat_id: damage.chatId, bot_id: damage.botId, trouble: damage.trouble };
    logger.error(fields, 'a bot lost its place or its rights in its group');
    if (damage.letIn) await tellOfRepair(tenantId);
  }

  /** Whoever is refused hears it in the topic, once: the copies of a command have its key. */
  async function signalCommand(ref: ConversationRef, signal: AgentCommandSignal): Promise<void> {
    try {
      await limitRenames(limits, { ref, ...signal }, () => engine.signalAgentCommand(ref, signal));
    } catch (error) {
      if (!(error instanceof CodedError && error.code === 'rate_limited')) throw error;
      await engine.signalAgentCommand(ref, { ...signal, command: { name: 'tell', text: TOO_MANY_TITLES } });
    }
  }

  async function handMessage(ref: ConversationRef, { key, agent, text, ...parsed }: Message): Promise<void> {
    const { entities, file, album, internal, replyTo } = parsed;
    const files = file ? { attachments: [await registerFile(ref, key, file)], ...filePrint(file) } : {};
    const parts = { ...(album ? { album } : {}), ...(internal ? { internal } : {}) };
    const answer = replyTo ? { replyTo: await answered(ref, replyTo) } : {};
    await engine.signalAgentMessage(ref, { key, agent, text, entities, ...answer, ...files, ...parts });
  }

  /** What we wrote there is known by the ledger; what agents wrote, by its place. */
  async function answered(ref: ConversationRef, { messageId, ...rest }: Answered) {
    const mirrored = await findMirrored(ref, messageId);
    return mirrored === undefined ? rest : { ...rest, messageId: mirrored };
  }

  /** Two edits within a second have the same date. */
  function handEdit(ref: ConversationRef, { key: of, agent, text, entities, file, editedAt }: Edit): Promise<void> {
    const now = { text, entities, ...(file ? filePrint(file) : {}) };
    const key = `${of}:edit:${editedAt}:${printOf(JSON.stringify(now))}`;
    return engine.signalAgentEdit(ref, { key, of, agent, ...now, editedAt });
  }

  async function handOn(ref: ConversationRef, parsed: FromTopic): Promise<void> {
    switch (parsed.kind) {
      case 'message':
        return handMessage(ref, parsed);
      case 'edit':
        return handEdit(ref, parsed);
      case 'press':
        return pressButton({ engine, telegram, agentsSettings }, ref, parsed);
      case 'command': {
        const { key, agent, order } = parsed;
        const command = topicCommand(order, await agentsSettings(ref.tenantId), Date.now());
        return signalCommand(ref, { key, agent, command });
      }
    }
  }

  return async (tenantId, update) => {
    const parsed = parseUpdate(update);
    if (parsed.kind === 'ignored') return ignore(tenantId, parsed.reason);
    if (parsed.kind === 'repaired') return tellOfRepair(tenantId);
    if (parsed.kind === 'damaged') return noteDamage(tenantId, parsed);
    if (parsed.kind === 'upgraded') return follow(tenantId, parsed);
    if (parsed.kind === 'lostPress') return answerLostPress(telegram, tenantId, parsed.queryId);
    const addressee = 'addressee' in parsed ? parsed.addressee : undefined;
    if (addressee && !(await telegram.hasBotNamed(tenantId, addressee))) return ignore(tenantId, 'for_another_bot');
    if (parsed.kind === 'misplacedCommand') {
      return (await isOurs(tenantId, parsed.chatId)) ? reportMisplaced(tenantId) : ignore(tenantId, 'not_our_group');
    }
    const { chatId, threadId, topicMadeAt } = parsed;
    const conversationId = await findConversation(tenantId, { chatId, threadId: Number(threadId) });
    if (conversationId === undefined) {
      // The agent was quicker than our note of the topic that we had just made: the update has to come again.
      if (Date.now() - (topicMadeAt ?? 0) < NOTED_WITHIN_MS) {
        throw new CodedError('topic_unknown', 'This topic is not known yet.', { retryAfterSeconds: 1 });
      }
      if (parsed.kind === 'press') return answerLostPress(telegram, tenantId, parsed.queryId);
      return ignore(tenantId, 'not_our_topic');
    }
    try {
      await handOn({ tenantId, conversationId }, parsed);
    } catch (error) {
      // Purged while its topic is still there: no repetition can help.
      if (!(error instanceof CodedError && error.code === 'conversation_not_found')) throw error;
      ignore(tenantId, error.code);
    }
  };
}

/** A conversation needs to tell some files from each other, and to keep nothing that leads to them. */
function filePrint({ uniqueId }: SentFile): { filePrint: string } {
  return { filePrint: printOf(uniqueId) };
}

function printOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 8);
}
