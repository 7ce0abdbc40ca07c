import { median, rounded } from '../figures.ts';
import { type Arrival, untilArrived } from './arrivals.ts';
import { type Crowd, leave, openCrowd, sayAll } from './crowd.ts';
import type { Support } from './startSupport.ts';

export interface RushFigures {
  bots: number;
  visitors: number;
  messages: number;
  /** Calls that Telegram refused for flood control. */
  refused: number;
  outOfOrder: number;
  repeated: number;
  /** Of the budget, until the last message was there. */
  writes: number;
  topics: number;
  /** From the first message said to the last one delivered, seconds. */
  lastAfter: number;
  /**
   * The same at best, with that many writes: by 20 a minute for each bot alone; and with one a second as well. A
   * ratio to nothing is 0.
   */
  limit: { perMinute: number; perSecond: number };
  ratio: { perMinute: number; perSecond: number };
  /** Age of a message when it was delivered, seconds. */
  medianAge: number;
}

/** Telegram's budget of one bot in one group. Source: Bots FAQ. */
const WRITES_PER_MINUTE = 20;

const WITHIN_MS = 15 * 60_000;

/** Many visitors of one group write at once. */
export async function measureRush(
  support: Support,
  { bots, visitors, messages, seconds }: { bots: number; visitors: number; messages: number; seconds: number },
): Promise<RushFigures> {
  const { telegram } = support;
  const desk = await support.addDesk(bots);
  const crowd = await openCrowd(support, desk, visitors);
  try {
    await sayAll(crowd, messages, seconds);
    const arrivals = await untilArrived(telegram, crowd, WITHIN_MS);
    const calls = await telegram.listCalls({ groupId: desk.groupId });
    const lastAt = Math.max(...arrivals.map(({ at }) => at));
    const writes = calls.filter(({ at, cost }) => cost > 0 && at <= lastAt).length;
    const lastAfter = (lastAt - Math.min(...crowd.sentAt.values())) / 1_000;
    const limit = limitsOf(writes, bots);
    return {
      bots,
      visitors,
      messages: crowd.sentAt.size,
      refused: calls.filter(({ errorCode }) => errorCode === 429).length,
      outOfOrder: misplaced(crowd, arrivals),
      repeated: arrivals.length - new Set(arrivals.map(({ mark }) => mark)).size,
      writes,
      topics: (await telegram.listTopics({ groupId: desk.groupId })).length,
      lastAfter: rounded(lastAfter),
      limit,
      ratio: { perMinute: ratio(lastAfter, limit.perMinute), perSecond: ratio(lastAfter, limit.perSecond) },
      medianAge: rounded(median(arrivals.map(({ mark, at }) => at - (crowd.sentAt.get(mark) ?? at))) / 1_000),
    };
  } finally {
    leave(crowd);
  }
}

function ratio(value: number, limit: number): number {
  return limit === 0 ? 0 : rounded(value / limit);
}

/** The earliest moment of the last of so many writes, in seconds after the first. */
function limitsOf(writes: number, bots: number): RushFigures['limit'] {
  const last = Math.ceil(writes / bots) - 1;
  const minutes = Math.floor(last / WRITES_PER_MINUTE) * 60;
  return { perMinute: minutes, perSecond: minutes + (last % WRITES_PER_MINUTE) };
}

/** Messages in another topic than their visitor's, or behind one that the visitor said later. */
function misplaced({ sentAt, visitors }: Crowd, arrivals: readonly Arrival[]): number {
  const visitorOf = (mark: string) => Number(mark.slice(1, mark.indexOf('.')));
  const numberOf = (mark: string) => Number(mark.slice(mark.indexOf('.') + 1, -1));
  return visitors.reduce((sum, _, visitor) => {
    const own = arrivals.filter(({ mark }) => sentAt.has(mark) && visitorOf(mark) === visitor);
    const [first] = own;
    const wrong = own.filter(({ mark, threadId }, index) => {
      const before = own[index - 1];
      return threadId !== first?.threadId || (before && numberOf(before.mark) > numberOf(mark));
    });
    return sum + wrong.length;
  }, 0);
}
