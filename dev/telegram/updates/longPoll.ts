import type { Call } from '../emulator.ts';
import { applyAllowedUpdates, pendingUpdates } from '../methods/botMethods.ts';
import type { UpdateRecord } from '../state/records.ts';
import type { Store } from '../state/store.ts';
import type { TelegramUpdate } from '../state/telegramTypes.ts';
import { conflict, type TelegramError } from '../telegramError.ts';

/** Telegram's own ceiling for `timeout`, in seconds. */
const maxTimeoutSeconds = 50;

interface Poll {
  finish(): void;
  fail(error: TelegramError): void;
}

const terminated = 'terminated by other getUpdates request; make sure that only one bot instance is running';
const webhookActive =
  "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";

/** The object that bots receive. */
export function toUpdate(record: UpdateRecord): TelegramUpdate {
  return { update_id: record.updateId, ...record.body };
}

/** getUpdates: one waiting request a bot; a second one ends the first with 409. */
export class LongPoll {
  private readonly store: Store;
  private readonly waiting = new Map<number, Poll>();
  private readonly repeats = new Map<number, UpdateRecord[]>();

  constructor(store: Store) {
    this.store = store;
    store.onCommit((changes) => {
      for (const [kind, , record] of changes) {
        if (kind === 'update' && record !== null) this.waiting.get((record as UpdateRecord).botId)?.finish();
      }
    });
  }

  /** @param gone resolves when the client hangs up */
  async getUpdates(call: Call, gone: Promise<void>): Promise<TelegramUpdate[]> {
    const { bot, parameters } = call;
    if (bot.webhook) throw conflict(webhookActive);
    this.stop(bot.id, terminated);
    this.store.transaction(() => {
      applyAllowedUpdates(call);
      this.confirm(bot.id, parameters.integer('offset'));
    });
    const limit = Math.min(Math.max(parameters.optionalInteger('limit') ?? 100, 1), 100);
    const seconds = Math.min(Math.max(parameters.integer('timeout'), 0), maxTimeoutSeconds);
    const isIdle = this.pending(bot.id).length === 0 && !this.repeats.has(bot.id);
    if (seconds > 0 && isIdle) await this.wait(bot.id, seconds * 1000, gone);
    const repeats = this.repeats.get(bot.id) ?? [];
    this.repeats.delete(bot.id);
    return [...repeats, ...this.pending(bot.id)].slice(0, limit).map(toUpdate);
  }

  /** Hands updates out once more with the next answer. */
  repeat(updates: UpdateRecord[]): void {
    for (const update of updates) {
      this.repeats.set(update.botId, [...(this.repeats.get(update.botId) ?? []), update]);
      this.waiting.get(update.botId)?.finish();
    }
  }

  /** Ends a bot's waiting request. */
  stop(botId: number, reason: string): void {
    this.waiting.get(botId)?.fail(conflict(reason));
  }

  /** Lets all waiting requests answer at once, so that the server can close. */
  finishAll(): void {
    for (const poll of [...this.waiting.values()]) poll.finish();
  }

  private pending(botId: number): UpdateRecord[] {
    return pendingUpdates(this.store, botId).sort((a, b) => a.updateId - b.updateId);
  }

  /** A positive offset confirms all before it; a negative one keeps only so many of the newest. */
  private confirm(botId: number, offset: number): void {
    const pending = this.pending(botId);
    const confirmed = offset < 0 ? pending.slice(0, offset) : pending.filter(({ updateId }) => updateId < offset);
    for (const update of confirmed) this.store.remove('update', update);
  }

  private wait(botId: number, timeoutMs: number, gone: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        if (this.waiting.get(botId) === poll) this.waiting.delete(botId);
        settle();
      };
      const poll: Poll = { finish: () => end(resolve), fail: (error) => end(() => reject(error)) };
      const timer = setTimeout(poll.finish, timeoutMs);
      this.waiting.set(botId, poll);
      void gone.then(poll.finish);
    });
  }
}
