// Usage: npm run bench -- [--json] [--rounds N] [--seconds N] [--conversations N] [--profile FOLDER]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startBare } from './bare/startBare.ts';
import { measure, type Plan, type Rounds } from './measure.ts';
import { startParley } from './parley/startParley.ts';
import { reportOf, tableOf } from './report.ts';
import { startServers } from './startServers.ts';

const { values } = parseArgs({
  options: {
    /** The last line is the report as one JSON object. */
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    /** Enough that none meets the limit of 30 frames in 10 s. */
    conversations: { type: 'string', default: '200' },
    outstanding: { type: 'string', default: '40' },
    /** Where CPU profiles of the API and of both workers are written; taking them slows all three down. */
    profile: { type: 'string' },
  },
});

const execArgv = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${path.resolve(values.profile)}`] : [];
const conversations = Number(values.conversations);
const plan: Plan = {
  conversations,
  outstanding: Number(values.outstanding),
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  warmUpSeconds: 8,
};

async function run(folder: string): Promise<Rounds> {
  const say = (text: string) => console.log(`… ${text}`);
  say('starting Postgres, Redis and Temporal');
  const servers = await startServers(folder, say);
  try {
    say(`starting both paths with ${conversations} conversations each`);
    const common = { conversations, folder, execArgv };
    const parley = await startParley({ servers, ...common });
    try {
      const bare = await startBare({ address: servers.temporalAddress, ...common });
      try {
        return await measure({ bare, parley }, { ...servers.processes, clients: process.pid }, plan, say);
      } finally {
        await bare.close();
      }
    } finally {
      await parley.close();
    }
  } finally {
    await servers.stop();
  }
}

const folder = await mkdtemp(path.join(tmpdir(), 'parley-bench-'));
try {
  const report = reportOf(await run(folder), plan);
  console.log(`\n${tableOf(report)}`);
  if (values.json) console.log(JSON.stringify(report));
} finally {
  await rm(folder, { recursive: true, force: true });
}
