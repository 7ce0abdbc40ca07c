import { setTimeout as sleep } from 'node:timers/promises';
import { type Percentiles, percentiles, rounded } from '../figures.ts';
import { untilArrived } from './arrivals.ts';
import { type Crowd, leave, openCrowd, say, sayAll } from './crowd.ts';
import type { Support } from './startSupport.ts';

export interface StormFigures {
  /** Milliseconds from said to delivered, in the groups that no storm meets. */
  calm: Percentiles;
  storm: Percentiles;
  messages: number;
  /** Calls that were refused in the group with the storm. */
  refused: number;
  /** p99 beside the storm over p99 without one. */
  p99Ratio: number;
}

/** Quiet groups, each of a tenant of its own, with budget enough that no message waits for it. */
const QUIET = { desks: 6, bots: 3, visitors: 5, pauseMs: 2_000 };

const ROUND_MS = 30_000;
const DELIVERED_WITHIN_MS = 120_000;

/** What one tenant's 429s cost the others: calm and storm in turns, with the same traffic, so that both meet the same machine. */
export async function measureStorm(support: Support, rounds: number): Promise<StormFigures> {
  const stormy = await openCrowd(support, await support.addDesk(1), 60);
  const quiet: Crowd[] = [];
  for (let index = 0; index < QUIET.desks; index += 1) {
    quiet.push(await openCrowd(support, await support.addDesk(QUIET.bots), QUIET.visitors));
  }
  const everyone = [stormy, ...quiet];
  try {
    for (const crowd of quiet) await Promise.all(crowd.visitors.map((_, visitor) => say(crowd, visitor)));
    await Promise.all(quiet.map((crowd) => untilArrived(support.telegram, crowd, DELIVERED_WITHIN_MS)));
    const latencies = { calm: [] as number[], storm: [] as number[] };
    for (let round = 0; round < rounds; round += 1) {
      latencies.calm.push(...(await beside(stormy, () => measureQuiet(support, quiet))));
      await startStorm(support, stormy);
      latencies.storm.push(...(await beside(stormy, () => measureQuiet(support, quiet))));
    }
    const [calm, storm] = [percentiles(latencies.calm), percentiles(latencies.storm)];
    const calls = await support.telegram.listCalls({ groupId: stormy.desk.groupId });
    return {
      calm,
      storm,
      messages: latencies.calm.length + latencies.storm.length,
      refused: calls.filter(({ errorCode }) => errorCode === 429).length,
      p99Ratio: rounded(storm.p99 / calm.p99),
    };
  } finally {
    for (const crowd of everyone) leave(crowd);
  }
}

/** Every call to the group is refused for three seconds. */
async function startStorm({ telegram }: Support, { desk }: Crowd): Promise<void> {
  await telegram.injectFault({ kind: 'retryAfter', chatId: desk.groupId, seconds: 3, forMs: ROUND_MS });
}

/** While `work` runs, the visitors of the other tenant write: as much in the calm as in the storm. */
async function beside<T>(stormy: Crowd, work: () => Promise<T>): Promise<T> {
  const [result] = await Promise.all([work(), sayAll(stormy, 2, ROUND_MS / 1_000)]);
  return result;
}

/** Latencies of what the quiet groups' visitors say in one round, in turns. */
async function measureQuiet({ telegram }: Support, quiet: readonly Crowd[]): Promise<number[]> {
  const until = Date.now() + ROUND_MS;
  const marks = await Promise.all(
    quiet.map(async (crowd, index) => {
      const said: string[] = [];
      await sleep((index * QUIET.pauseMs) / quiet.length);
      while (Date.now() < until) {
        said.push(await say(crowd, said.length % QUIET.visitors));
        await sleep(QUIET.pauseMs);
      }
      return said;
    }),
  );
  const arrived = await Promise.all(quiet.map((crowd) => untilArrived(telegram, crowd, DELIVERED_WITHIN_MS)));
  return quiet.flatMap(({ sentAt }, index) => {
    const times = new Map(arrived[index]?.map(({ mark, at }) => [mark, at]));
    return (marks[index] ?? []).map((mark) => (times.get(mark) ?? 0) - (sentAt.get(mark) ?? 0));
  });
}
