import { pendingUpdates } from '../methods/botMethods.ts';
import type { BotRecord, UpdateRecord, WebhookRecord } from '../state/records.ts';
import type { Store } from '../state/store.ts';
import { toUpdate } from './longPoll.ts';

export interface WebhookTiming {
  /** Wait before the second repeat, doubled for each further one; the first repeat comes at once. */
  retryBaseMs: number;
  retryMaxMs: number;
  /** How long an endpoint may take to answer. */
  timeoutMs: number;
}

interface Lane {
  failures: number;
  timer?: NodeJS.Timeout;
  busy: boolean;
}

/** A method call that a webhook may put in its answer. */
export type InlineCall = (bot: BotRecord, body: Record<string, unknown>) => void;

/**
 * Delivers updates to webhooks: in order within a chat, chats beside each other, each update again and again until the
 * endpoint answers 2xx.
 */
export class WebhookSender {
  private readonly store: Store;
  private readonly timing: WebhookTiming;
  private readonly onInlineCall: InlineCall;
  private readonly lanes = new Map<string, Lane>();
  private readonly abort = new AbortController();

  constructor(store: Store, timing: WebhookTiming, onInlineCall: InlineCall) {
    this.store = store;
    this.timing = timing;
    this.onInlineCall = onInlineCall;
    store.onCommit((changes) => {
      const touched = changes.some(([kind, , record]) => (kind === 'update' || kind === 'bot') && record !== null);
      if (touched) this.wakeAll();
    });
  }

  /** Starts on whatever waits, e.g. from before a restart. */
  wakeAll(): void {
    for (const bot of this.store.all('bot')) {
      if (!bot.webhook || bot.revoked) continue;
      for (const update of pendingUpdates(this.store, bot.id)) this.wake(bot, update.queue);
    }
  }

  stop(): void {
    this.abort.abort();
    for (const lane of this.lanes.values()) clearTimeout(lane.timer);
  }

  private wake(bot: BotRecord, queue: string): void {
    const key = `${bot.id}/${queue}`;
    const lane = this.lanes.get(key) ?? { failures: 0, busy: false };
    this.lanes.set(key, lane);
    if (lane.busy || lane.timer || this.abort.signal.aborted) return;
    lane.busy = true;
    void this.drain(bot, queue, lane);
  }

  private async drain(bot: BotRecord, queue: string, lane: Lane): Promise<void> {
    let update = this.next(bot, queue);
    while (update && bot.webhook && !this.abort.signal.aborted) {
      if (!(await this.deliver(bot, update))) {
        this.retryLater(bot, queue, lane);
        break;
      }
      lane.failures = 0;
      const delivered = update;
      this.store.transaction(() => this.store.remove('update', delivered));
      update = this.next(bot, queue);
    }
    lane.busy = false;
  }

  private next(bot: BotRecord, queue: string): UpdateRecord | undefined {
    return pendingUpdates(this.store, bot.id)
      .filter((update) => update.queue === queue)
      .sort((a, b) => a.updateId - b.updateId)[0];
  }

  private retryLater(bot: BotRecord, queue: string, lane: Lane): void {
    const { retryBaseMs, retryMaxMs } = this.timing;
    const delay = lane.failures === 0 ? 0 : Math.min(retryBaseMs * 2 ** (lane.failures - 1), retryMaxMs);
    lane.failures += 1;
    lane.timer = setTimeout(() => {
      delete lane.timer;
      this.wake(bot, queue);
    }, delay);
  }

  /** Sends updates once more, all at once. Returns the endpoint's HTTP statuses, 0 for a failed connection. */
  repeat(bot: BotRecord, updates: UpdateRecord[]): Promise<number[]> {
    const send = async (webhook: WebhookRecord, update: UpdateRecord) => {
      const response = await this.request(webhook, update);
      await response.text();
      return response.status;
    };
    const { webhook } = bot;
    return Promise.all(webhook ? updates.map((update) => send(webhook, update).catch(() => 0)) : []);
  }

  private request({ url, secretToken }: WebhookRecord, update: UpdateRecord): Promise<Response> {
    return fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(secretToken && { 'x-telegram-bot-api-secret-token': secretToken }),
      },
      body: JSON.stringify(toUpdate(update)),
      redirect: 'manual',
      signal: AbortSignal.any([this.abort.signal, AbortSignal.timeout(this.timing.timeoutMs)]),
    });
  }

  private async deliver(bot: BotRecord, update: UpdateRecord): Promise<boolean> {
    if (!bot.webhook) return false;
    try {
      const response = await this.request(bot.webhook, update);
      const body = await response.text();
      if (response.ok) this.readInlineCall(bot, body);
      else this.noteError(bot, `Wrong response from the webhook: ${response.status} ${response.statusText}`);
      return response.ok;
    } catch {
      if (!this.abort.signal.aborted) this.noteError(bot, 'Connection refused or timed out');
      return false;
    }
  }

  private readInlineCall(bot: BotRecord, body: string): void {
    if (!body.startsWith('{')) return;
    try {
      const call = JSON.parse(body) as Record<string, unknown>;
      if (typeof call['method'] === 'string') this.onInlineCall(bot, call);
    } catch {
      // Telegram too ignores an answer that is no call.
    }
  }

  private noteError(bot: BotRecord, message: string): void {
    if (!bot.webhook) return;
    Object.assign(bot.webhook, { lastErrorAt: Date.now(), lastErrorMessage: message });
    this.store.transaction(() => this.store.put('bot', bot));
  }
}
