import { setTimeout as sleep } from 'node:timers/promises';
import { type Percentiles, percentiles, rounded } from '../figures.ts';
import { untilArrived } from './arrivals.ts';
import { type Crowd, leave, openCrowd, say, sayAll } from './crowd.ts';
import type { Support } from './startSupport.ts';

type Kind = 'calm' | 'storm';

export interface StormFigures {
  /** Milliseconds from said to delivered, in the groups that no storm meets. */
  calm: Percentiles;
  storm: Percentiles;
  /** p99 of each round, in the order in which they were measured. */
  rounds: { kind: Kind; p99: number }[];
  messages: number;
  /** Calls that were refused in the group with the storm. */
  refused: number;
  /** p99 beside the storm over p99 without one. */
  p99Ratio: number;
}

/** Quiet groups, each of a tenant of its own, with budget enough that no message waits for it. */
const QUIET = { desks: 6, bots: 3, visitors: 5, pauseMs: 2_000 };

const DELIVERED_WITHIN_MS = 120_000;

/**
 * What one tenant's 429s cost the others: calm and storm in turns, with the same traffic, so that both meet the same machine.
 * A round of each goes before, unmeasured: topics are made, code is compiled. Each pair begins with the other one than the
 * pair before, so that what drifts with time falls on both.
 */
export async function measureStorm(
  support: Support,
  { rounds, roundSeconds }: { rounds: number; roundSeconds: number },
): Promise<StormFigures> {
  const stormy = await openCrowd(support, await support.addDesk(1), 60);
  const quiet: Crowd[] = [];
  for (let index = 0; index < QUIET.desks; index += 1) {
    quiet.push(await openCrowd(support, await support.addDesk(QUIET.bots), QUIET.visitors));
  }
  const everyone = [stormy, ...quiet];
  const roundMs = roundSeconds * 1_000;

  async function measure(kind: Kind): Promise<number[]> {
    if (kind === 'storm') await startStorm(support, stormy, roundMs);
    const [latencies] = await Promise.all([measureQuiet(support, quiet, roundMs), sayAll(stormy, 2, roundSeconds)]);
    return latencies;
  }

  try {
    // Every conversation has begun before anything counts; sixty topics of one bot would take minutes, and are not waited for.
    for (const crowd of everyone) await Promise.all(crowd.visitors.map((_, visitor) => say(crowd, visitor)));
    await Promise.all(quiet.map((crowd) => untilArrived(support.telegram, crowd, DELIVERED_WITHIN_MS)));
    for (const kind of ['calm', 'storm'] as const) await measure(kind);
    const measured: { kind: Kind; latencies: number[] }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const order = round % 2 === 0 ? (['calm', 'storm'] as const) : (['storm', 'calm'] as const);
      for (const kind of order) measured.push({ kind, latencies: await measure(kind) });
    }
    const allOf = (wanted: Kind) =>
      percentiles(measured.flatMap(({ kind, latencies }) => (kind === wanted ? latencies : [])));
    const [calm, storm] = [allOf('calm'), allOf('storm')];
    const calls = await support.telegram.listCalls({ groupId: stormy.desk.groupId });
    return {
      calm,
      storm,
      rounds: measured.map(({ kind, latencies }) => ({ kind, p99: percentiles(latencies).p99 })),
      messages: measured.reduce((sum, { latencies }) => sum + latencies.length, 0),
      refused: calls.filter(({ errorCode }) => errorCode === 429).length,
      p99Ratio: rounded(storm.p99 / calm.p99),
    };
  } finally {
    for (const crowd of everyone) leave(crowd);
  }
}

/** Every call to the group is refused for three seconds. */
async function startStorm({ telegram }: Support, { desk }: Crowd, forMs: number): Promise<void> {
  await telegram.injectFault({ kind: 'retryAfter', chatId: desk.groupId, seconds: 3, forMs });
}

/** Latencies of what the quiet groups' visitors say in one round, in turns. */
async function measureQuiet({ telegram }: Support, quiet: readonly Crowd[], roundMs: number): Promise<number[]> {
  const until = Date.now() + roundMs;
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
