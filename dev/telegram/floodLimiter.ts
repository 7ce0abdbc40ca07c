import type { CallRecord } from './state/records.ts';
import { tooManyRequests } from './telegramError.ts';

/** Sources: Bots FAQ ("20 messages per minute to the same group", "30 messages per second"), tdlib/td#2592 for edits. */
export interface LimitSettings {
  enabled: boolean;
  /** Writes of one bot to one group in a minute. */
  groupWritesPerMinute: number;
  /** Writes of one bot to one group in a second; 0 is no such limit, as Telegram lets short bursts pass. */
  groupWritesPerSecond: number;
  /** Writes of one bot in a second, over all its chats. */
  writesPerSecond: number;
  /** How many times faster than Telegram's the budgets refill; 60 makes a second of each minute. */
  factor: number;
}

export type LimitOption = 'off' | 'real' | number | Partial<LimitSettings>;

const real: LimitSettings = {
  enabled: true,
  groupWritesPerMinute: 20,
  groupWritesPerSecond: 0,
  writesPerSecond: 30,
  factor: 1,
};

/** @param option 'real', 'off', or a factor by which budgets refill faster than Telegram's */
export function limitSettings(option: LimitOption): LimitSettings {
  if (option === 'real') return { ...real };
  if (option === 'off') return { ...real, enabled: false };
  if (typeof option === 'number') return { ...real, factor: option };
  return { ...real, ...option };
}

interface Window {
  key: string;
  limit: number;
  lengthMs: number;
}

/** Sliding windows over the writes of each bot, on the real clock. */
export class FloodLimiter {
  settings: LimitSettings;
  private readonly times = new Map<string, number[]>();

  constructor(settings: LimitSettings) {
    this.settings = settings;
  }

  /** Counts writes that were made before a restart. */
  restore(calls: Iterable<CallRecord>): void {
    for (const call of calls) {
      if (call.chatId !== undefined && call.cost > 0) this.record(call.botId, call.chatId, call.cost, call.at);
    }
  }

  /** Takes `cost` writes from the budgets of (bot, group) and bot, or throws 429 with the seconds to wait. */
  takeWrites(botId: number, chatId: number, cost: number): void {
    if (!this.settings.enabled) return;
    this.check(this.writeWindows(botId, chatId), cost);
    this.record(botId, chatId, cost, Date.now());
  }

  /** Chat actions have budgets of their own: about 20 in 5 s and 40 in 30 s a chat (seen, not documented). */
  takeChatAction(botId: number, chatId: number): void {
    if (!this.settings.enabled) return;
    const windows = [
      { key: `action5/${botId}/${chatId}`, limit: 20, lengthMs: 5_000 / this.settings.factor },
      { key: `action30/${botId}/${chatId}`, limit: 40, lengthMs: 30_000 / this.settings.factor },
    ];
    this.check(windows, 1);
    for (const window of windows) this.add(window.key, 1, Date.now());
  }

  private writeWindows(botId: number, chatId: number): Window[] {
    const { groupWritesPerMinute, groupWritesPerSecond, writesPerSecond, factor } = this.settings;
    const second = { key: `second/${botId}/${chatId}`, limit: groupWritesPerSecond, lengthMs: 1_000 / factor };
    return [
      ...(groupWritesPerSecond > 0 ? [second] : []),
      { key: `bot/${botId}`, limit: writesPerSecond, lengthMs: 1_000 / factor },
      { key: `group/${botId}/${chatId}`, limit: groupWritesPerMinute, lengthMs: 60_000 / factor },
    ];
  }

  private check(windows: Window[], cost: number): void {
    const now = Date.now();
    let freeAt = now;
    for (const { key, limit, lengthMs } of windows) {
      const recent = (this.times.get(key) ?? []).filter((time) => time > now - lengthMs);
      this.times.set(key, recent);
      const mustLeave = recent[recent.length + cost - limit - 1];
      if (mustLeave !== undefined) freeAt = Math.max(freeAt, mustLeave + lengthMs);
    }
    if (freeAt > now) throw tooManyRequests(Math.max(1, Math.ceil((freeAt - now) / 1000)));
  }

  private record(botId: number, chatId: number, cost: number, at: number): void {
    for (const { key } of this.writeWindows(botId, chatId)) this.add(key, cost, at);
  }

  private add(key: string, cost: number, at: number): void {
    const times = this.times.get(key) ?? [];
    for (let i = 0; i < cost; i += 1) times.push(at);
    this.times.set(key, times);
  }
}
