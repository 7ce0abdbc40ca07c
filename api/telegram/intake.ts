import type { BaseLogger } from 'pino';
import type { TelegramDirectory } from '../../channels/telegram/createTelegramDirectory.ts';
import { parseUpdate } from '../../channels/telegram/parseUpdate.ts';
import type { AgentCommandSignal } from '../../contracts/conversation.ts';
import { CodedError, type ErrorCode } from '../../contracts/errors.ts';
import type { AgentsSettings } from '../../contracts/tenantSettings.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Engine } from '../engine.ts';
import type { Limits } from '../limits/createLimits.ts';
import { limitRenames } from '../limits/limitRenames.ts';
import { topicCommand } from './topicCommand.ts';

export interface IntakeDependencies {
  /** The id of the conversation whose topic this is, within the tenant. */
  findConversation(tenantId: string, topic: { chatId: string; threadId: number }): Promise<string | undefined>;
  /** Ids of at most `limit` conversations whose deliveries wait for a repair of the channel. */
  listParked(tenantId: string, limit: number): Promise<string[]>;
  agentsSettings(tenantId: string): Promise<AgentsSettings>;
  telegram: Pick<TelegramDirectory, 'hasBotNamed'>;
  engine: Pick<Engine, 'signalAgentMessage' | 'signalAgentCommand' | 'signalChannelRepaired'>;
  limits: Pick<Limits, 'consume' | 'giveBack'>;
  logger: Pick<BaseLogger, 'debug'>;
}

/** More than a group's budget can carry in ten minutes; the others try again by themselves every minute. */
const MOST_REPAIRED = 200;

/**
 * Hands on what a person wrote in a topic. Resolves once it is durable, or when there is nothing to hand on; rejects when
 * database or engine are out of reach: the update must then come again. Any number of times: the engine knows its key.
 */
export type TelegramIntake = (tenantId: string, update: unknown) => Promise<void>;

export function createTelegramIntake({
  findConversation,
  listParked,
  agentsSettings,
  telegram,
  engine,
  limits,
  logger,
}: IntakeDependencies): TelegramIntake {
  const ignore = (tenantId: string, reason: string) => {
    logger.debug({ tenant_id: tenantId, reason }, 'an update was ignored');
  };

  /** Best effort: whoever is not reached tries again by itself. */
  async function tellParked(tenantId: string): Promise<void> {
    const conversationIds = await listParked(tenantId, MOST_REPAIRED);
    await Promise.allSettled(
      conversationIds.map((conversationId) => engine.signalChannelRepaired({ tenantId, conversationId })),
    );
  }

  const signalCommand = (ref: ConversationRef, signal: AgentCommandSignal) =>
    limitRenames(limits, { ref, command: signal.command }, () => engine.signalAgentCommand(ref, signal));

  return async (tenantId, update) => {
    const parsed = parseUpdate(update);
    if (parsed.kind === 'ignored') return ignore(tenantId, parsed.reason);
    if (parsed.kind === 'repaired') return tellParked(tenantId);
    const { chatId, threadId, key, agent } = parsed;
    const addressee = parsed.kind === 'command' ? parsed.addressee : undefined;
    if (addressee && !(await telegram.hasBotNamed(tenantId, addressee))) return ignore(tenantId, 'for_another_bot');
    const conversationId = await findConversation(tenantId, { chatId, threadId: Number(threadId) });
    if (conversationId === undefined) return ignore(tenantId, 'not_our_topic');
    const ref = { tenantId, conversationId };
    try {
      if (parsed.kind === 'message') await engine.signalAgentMessage(ref, { key, agent, text: parsed.text });
      else {
        const command = topicCommand(parsed.order, await agentsSettings(tenantId), Date.now());
        await signalCommand(ref, { key, agent, command });
      }
    } catch (error) {
      // Purged while its topic is still there, or renamed too often: no repetition can help.
      if (!(error instanceof CodedError && isFinal(error.code))) throw error;
      ignore(tenantId, error.code);
    }
  };
}

function isFinal(code: ErrorCode): boolean {
  return code === 'conversation_not_found' || code === 'rate_limited';
}
