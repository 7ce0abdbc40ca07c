import type { BaseLogger } from 'pino';
import type { ChannelFailure } from '../../channels/port.ts';
import { type Introduction, introduceBot, mayPass, retryIntroduction } from '../../channels/telegram/introduceBot.ts';
import type { ChannelConnection } from '../../db/queries/listChannelConnections.ts';
import type { ConnectedBot } from './connectedBot.ts';

/** What goes on in the background for one bot. */
interface Retry {
  ending: AbortController;
  introduction: Introduction;
}

export interface IntroductionDependencies {
  /** The connection as it is stored now. */
  reload(connection: ChannelConnection): Promise<ChannelConnection | undefined>;
  logger: Pick<BaseLogger, 'info' | 'warn'>;
}

/** Tells Telegram of bots. What it does not hear is told again in the background; what it refuses shows in the diagnosis. */
export interface Introductions {
  /** Resolves after the first try. */
  introduce(connection: ChannelConnection, bot: ConnectedBot, introduction: Introduction): Promise<void>;
  /** The bot serves no more: nothing about it is told any more. */
  forget(botId: string): void;
  /** Ends every further try. */
  close(): void;
}

/** The webhook's address is in this process's memory alone: of two with the same bot the one that is stored goes on. */
export function createIntroductions({ reload, logger }: IntroductionDependencies): Introductions {
  const retries = new Map<string, Retry>();
  const closing = new AbortController();

  async function isCurrent(connection: ChannelConnection, botId: string): Promise<boolean> {
    const now = await reload(connection);
    return now?.status === 'active' && now.botIds.includes(botId) && hasSameWebhook(now, connection);
  }

  async function tryOn(
    connection: ChannelConnection,
    { botId, account }: ConnectedBot,
    introduction: Introduction,
    failure: ChannelFailure,
  ): Promise<void> {
    const ending = new AbortController();
    retries.set(botId, { ending, introduction });
    const result = await retryIntroduction(account, introduction, failure, {
      signal: AbortSignal.any([ending.signal, closing.signal]),
      isWanted: () => isCurrent(connection, botId),
    });
    if (retries.get(botId)?.ending === ending) retries.delete(botId);
    const fields = fieldsOf(connection, botId);
    if (result?.ok) logger.info(fields, 'Telegram has heard of the bot now');
    else if (result) refused(connection, botId, result.failure);
    else if (closing.signal.aborted) {
      logger.warn(fields, 'stopped before Telegram heard of the bot: connect its group again');
    }
  }

  function refused(connection: ChannelConnection, botId: string, { kind: failure }: ChannelFailure): void {
    logger.warn({ ...fieldsOf(connection, botId), failure }, 'a bot could not be introduced to its group');
  }

  function forget(botId: string): void {
    retries.get(botId)?.ending.abort();
    retries.delete(botId);
  }

  return {
    async introduce(connection, bot, { chatId, webhook }) {
      const underWay = retries.get(bot.botId)?.introduction;
      // A change of something else does not know the webhook's address; what is under way does.
      if (!webhook && underWay?.chatId === chatId) return;
      const introduction = { chatId, webhook: webhook ?? underWay?.webhook };
      forget(bot.botId);
      const result = await introduceBot(bot.account, introduction);
      if (result.ok) return;
      if (!mayPass(result.failure)) return refused(connection, bot.botId, result.failure);
      const fields = { ...fieldsOf(connection, bot.botId), failure: result.failure.kind };
      logger.warn(fields, 'Telegram has not heard of the bot: its updates do not arrive; trying on');
      void tryOn(connection, bot, introduction, result.failure);
    },
    forget,
    close: () => closing.abort(),
  };
}

function hasSameWebhook(now: ChannelConnection, { webhookSecretHash: before }: ChannelConnection): boolean {
  const { webhookSecretHash } = now;
  return before === null || webhookSecretHash === null
    ? before === webhookSecretHash
    : webhookSecretHash.equals(before);
}

function fieldsOf({ tenantId, id }: ChannelConnection, botId: string) {
  return { tenant_id: tenantId, connection_id: id, bot_id: botId };
}
