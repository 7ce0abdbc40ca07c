import { setTimeout as sleep } from 'node:timers/promises';
import type { TelegramEmulator } from '../../dev/telegram/startTelegramEmulator.ts';
import type { Crowd } from './crowd.ts';

export interface Arrival {
  mark: string;
  /** Epoch milliseconds. */
  at: number;
  threadId: number;
}

const POLL_MS = 250;

/** Every mark that stands in a topic of the group, in the order of its topic. */
async function arrivalsOf(telegram: TelegramEmulator, groupId: number): Promise<Arrival[]> {
  const listed = await telegram.listMessages({ groupId, allTopics: true });
  return listed.flatMap(({ message, at }) => {
    const marks = message.text?.match(/#\d+\.\d+#/g) ?? [];
    return marks.map((mark) => ({ mark, at, threadId: message.message_thread_id ?? 0 }));
  });
}

/** Waits until all that the crowd said has arrived. Throws when that does not come within `withinMs`. */
export async function untilArrived(telegram: TelegramEmulator, crowd: Crowd, withinMs: number): Promise<Arrival[]> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const arrivals = await arrivalsOf(telegram, crowd.desk.groupId);
    const there = new Set(arrivals.map(({ mark }) => mark));
    const missing = [...crowd.sentAt.keys()].filter((mark) => !there.has(mark));
    if (missing.length === 0) return arrivals;
    if (Date.now() > deadline) throw new Error(`${missing.length} messages never reached their topics`);
    await sleep(POLL_MS);
  }
}
