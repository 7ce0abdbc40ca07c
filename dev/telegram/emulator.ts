import type { Faults } from './faults.ts';
import type { FloodLimiter } from './floodLimiter.ts';
import type { Parameters } from './http/parameters.ts';
import type { FileStorage } from './state/fileStorage.ts';
import type { BotRecord } from './state/records.ts';
import type { Store } from './state/store.ts';

/** The parts that methods and control share. */
export interface Emulator {
  store: Store;
  files: FileStorage;
  limiter: FloodLimiter;
  faults: Faults;
}

/** One call of one bot, handed to the method. */
export interface Call {
  emulator: Emulator;
  store: Store;
  bot: BotRecord;
  parameters: Parameters;
  /** Notes for the write log, filled in by the method. */
  note: { chatId?: number; threadId?: number; messageId?: number; cost: number };
}

/** A method changes state in one go: it is synchronous, so a kill never leaves half of it. */
export type Method = (call: Call) => unknown;
