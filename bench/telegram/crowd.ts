import { setTimeout as sleep } from 'node:timers/promises';
import { VisitorClient } from '../parley/visitorClient.ts';
import type { Desk, Support } from './startSupport.ts';

/** Visitors of one desk. Every message ends in a mark, by which it is found again in its topic. */
export interface Crowd {
  desk: Desk;
  visitors: VisitorClient[];
  /** When each mark was sent, epoch milliseconds, in the order of sending. */
  sentAt: Map<string, number>;
}

const OPEN_AT_ONCE = 10;

export async function openCrowd({ apiUrl }: Support, desk: Desk, size: number): Promise<Crowd> {
  const visitors: VisitorClient[] = [];
  while (visitors.length < size) {
    const batch = Math.min(OPEN_AT_ONCE, size - visitors.length);
    const opening = Array.from({ length: batch }, () => VisitorClient.open(apiUrl, desk.siteKey));
    visitors.push(...(await Promise.all(opening)));
  }
  return { desk, visitors, sentAt: new Map() };
}

/** Resolves when Parley has acknowledged the message. */
export async function say(crowd: Crowd, visitor: number): Promise<string> {
  const mark = `#${visitor}.${crowd.sentAt.size}#`;
  crowd.sentAt.set(mark, Date.now());
  const client = crowd.visitors[visitor];
  if (!client) throw new RangeError(`There is no visitor ${visitor}`);
  const { acked, replied } = client.say(`Hello, where is my parcel, please? ${mark}`);
  // What is measured is the way to the agents.
  replied.catch(() => undefined);
  await acked;
  return mark;
}

/** Every visitor writes `messages` lines, evenly over `seconds`, each with an offset of its own. */
export async function sayAll(crowd: Crowd, messages: number, seconds: number): Promise<void> {
  const pauseMs = (seconds * 1_000) / messages;
  const startedAt = Date.now();
  await Promise.all(
    crowd.visitors.map(async (_, visitor) => {
      const offset = (visitor / crowd.visitors.length) * pauseMs;
      for (let index = 0; index < messages; index += 1) {
        await sleep(Math.max(0, startedAt + offset + index * pauseMs - Date.now()));
        await say(crowd, visitor);
      }
    }),
  );
}

export function leave({ visitors }: Crowd): void {
  for (const visitor of visitors) visitor.leave();
}
