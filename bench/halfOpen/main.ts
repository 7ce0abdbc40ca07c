// Usage: npm run bench:half-open -- [--rounds N] [--sockets N] [--rate N]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { percentiles } from '../figures.ts';
import { closedLoop } from '../load/closedLoop.ts';
import { openLoop } from '../load/openLoop.ts';
import type { Latency } from '../load/sample.ts';
import { startParley } from '../parley/startParley.ts';
import { startServers } from '../startServers.ts';
import { startCrowd } from './startCrowd.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    sockets: { type: 'string', default: '1000' },
    /** Messages a second of the good clients. */
    rate: { type: 'string', default: '25' },
  },
});
const sockets = Number(values.sockets);
const rate = Number(values.rate);

/** As long as a crowd is let in. */
const SECONDS = 10;
const CONVERSATIONS = 50;
const GOALS = { stayMs: 10_000, p99Ratio: 2 };

/** Good clients alone and beside a crowd, in turns, so that what drifts on the machine meets both. */
async function measure(folder: string) {
  const servers = await startServers(folder, console.log);
  const alone: Latency[] = [];
  const beside: Latency[] = [];
  const stays: number[] = [];
  try {
    const parley = await startParley({ servers, conversations: CONVERSATIONS, folder, execArgv: [] });
    try {
      await closedLoop(parley, { outstanding: 10, seconds: 8 });
      for (let round = 1; round <= Number(values.rounds); round += 1) {
        console.log(`… round ${round} of ${values.rounds}`);
        const load = { rate, seconds: SECONDS, seed: round };
        alone.push(...(await openLoop(parley, load)).latencies);
        const crowd = await startCrowd(parley.apiUrl, sockets);
        const [sample, stayed] = await Promise.all([openLoop(parley, load), crowd.come()]);
        beside.push(...sample.latencies);
        stays.push(...stayed);
      }
    } finally {
      await parley.close();
    }
  } finally {
    await servers.stop();
  }
  return { alone: acksOf(alone), beside: acksOf(beside), longestStayMs: Math.round(Math.max(...stays)) };
}

function acksOf(latencies: readonly Latency[]) {
  return percentiles(latencies.map(({ ackMs }) => ackMs));
}

const folder = await mkdtemp(path.join(tmpdir(), 'parley-half-open-'));
try {
  const { alone, beside, longestStayMs } = await measure(folder);
  const ratio = beside.p99 / alone.p99;
  console.log(`\nmessage → ack at ${rate} a second, ms (50/95/99)`);
  console.log(`  alone:                       ${alone.p50} / ${alone.p95} / ${alone.p99}`);
  console.log(`  beside ${sockets} half-open sockets: ${beside.p50} / ${beside.p95} / ${beside.p99}`);
  console.log(`p99 beside over alone: ${ratio.toFixed(2)} (goal: less than ${GOALS.p99Ratio})`);
  console.log(`longest stay of a half-open socket: ${longestStayMs} ms (goal: less than ${GOALS.stayMs})`);
  process.exitCode = ratio < GOALS.p99Ratio && longestStayMs < GOALS.stayMs ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
