import { setTimeout as sleep } from 'node:timers/promises';
import type { BaseLogger } from 'pino';
import type { TelegramBot } from '../../channels/telegram/createTelegramDirectory.ts';
import { CodedError } from '../../contracts/errors.ts';

export interface PollBotOptions {
  bot: TelegramBot;
  handle(update: unknown): Promise<void>;
  logger: Pick<BaseLogger, 'warn' | 'error'>;
  signal: AbortSignal;
}

/** How long Telegram holds a getUpdates that has nothing to return. */
const LONG_POLL_SECONDS = 25;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** An update that fails so often for no passing reason would hold up all that come after it. */
const MOST_TRIES = 5;

/** Reads a bot's updates until `signal`. An update is confirmed only once it was handled, so it comes again after a crash. */
export async function pollBot({ bot, handle, logger, signal }: PollBotOptions): Promise<void> {
  const fields = { bot_id: bot.botId };
  let offset: number | undefined;
  let failures = 0;
  // A webhook that is still set would make every getUpdates fail.
  await bot.client.deleteWebhook();
  while (!signal.aborted) {
    const result = await bot.client.getUpdates(offset, LONG_POLL_SECONDS, signal);
    if (result.ok) {
      failures = 0;
      for (const update of result.value) {
        if (!(await handled(update))) break;
        offset = update.update_id + 1;
      }
    } else if (!signal.aborted) {
      failures += 1;
      const { kind } = result.failure;
      const pauseMs = kind === 'throttled' ? result.failure.retryAfterMs : backOff(failures);
      logger.warn({ ...fields, failure: kind, pause_ms: pauseMs }, 'updates could not be read');
      await pause(pauseMs, signal);
    }
  }

  /** False when the poller stops before the update was handled. */
  async function handled(update: unknown): Promise<boolean> {
    for (let tries = 1; !signal.aborted; tries += 1) {
      try {
        await handle(update);
        return true;
      } catch (error) {
        const code = error instanceof CodedError ? error.code : 'internal';
        logger.warn({ ...fields, code, tries }, 'an update could not be handed on');
        if (!passes(error) && tries >= MOST_TRIES) {
          logger.error({ ...fields, code }, 'an update was skipped');
          return true;
        }
        await pause(backOff(tries), signal);
      }
    }
    return false;
  }
}

function passes(error: unknown): boolean {
  return error instanceof CodedError && error.status === 503;
}

function backOff(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
