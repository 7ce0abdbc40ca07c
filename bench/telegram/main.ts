// Usage: npm run bench:telegram -- [--json] [--visitors N] [--messages N] [--seconds N] [--storm-rounds N] [--storm-seconds N] [--only rush|storm]
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { rounded } from '../figures.ts';
import { startServers } from '../startServers.ts';
import { measureRush, type RushFigures } from './rush.ts';
import { startSupport } from './startSupport.ts';
import { measureStorm, type StormFigures } from './storm.ts';

const { values } = parseArgs({
  options: {
    /** The last line is the report as one JSON object. */
    json: { type: 'boolean', default: false },
    visitors: { type: 'string', default: '60' },
    messages: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '60' },
    'storm-rounds': { type: 'string', default: '4' },
    /** Of one round. */
    'storm-seconds': { type: 'string', default: '30' },
    only: { type: 'string' },
  },
});

const GOALS = { ratio: 1.15, p99Ratio: 1.2, writesPerTopic: 2.5 };

interface Report {
  rushes: RushFigures[];
  storm: StormFigures | undefined;
  load1m: number;
}

function linesOf({ rushes, storm, load1m }: Report): string[] {
  const ofRush = rushes.flatMap((rush) => [
    `${rush.visitors} visitors, ${rush.messages} messages, ${rush.bots} bot${rush.bots > 1 ? 's' : ''}:`,
    `  writes ${rush.writes} (goal: at most ${rush.topics * GOALS.writesPerTopic}), topics ${rush.topics}`,
    `  refused ${rush.refused}, out of order ${rush.outOfOrder}, repeated ${rush.repeated} (goal: 0)`,
    `  last delivered after ${rush.lastAfter} s; at best ${rush.limit.perMinute} s by 20 a minute, ${rush.limit.perSecond} s with 1 a second`,
    `  ratio ${rush.ratio.perMinute} and ${rush.ratio.perSecond} (goal: at most ${GOALS.ratio}); median age ${rush.medianAge} s`,
  ]);
  const ofStorm = storm
    ? [
        `other tenants' groups, ${storm.messages} messages: p50 / p95 / p99 ${triple(storm.calm)} ms calm, ${triple(storm.storm)} ms beside a storm of ${storm.refused} refusals`,
        `  p99 by round: ${storm.rounds.map(({ kind, p99 }) => `${kind} ${p99}`).join(', ')} ms`,
        `  p99 ratio ${storm.p99Ratio} (goal: at most ${GOALS.p99Ratio})`,
      ]
    : [];
  return [...ofRush, ...ofStorm, `load ${load1m}`];
}

function triple({ p50, p95, p99 }: StormFigures['calm']): string {
  return [p50, p95, p99].join(' / ');
}

const folder = await mkdtemp(path.join(tmpdir(), 'parley-bench-'));
try {
  const say = (text: string) => console.log(`… ${text}`);
  const servers = await startServers(folder, say);
  try {
    const support = await startSupport(servers, folder);
    try {
      const load = {
        visitors: Number(values.visitors),
        messages: Number(values.messages),
        seconds: Number(values.seconds),
      };
      const rushes: RushFigures[] = [];
      for (const bots of values.only === 'storm' ? [] : [1, 3]) {
        say(`${load.visitors} visitors write to one group with ${bots} bot${bots > 1 ? 's' : ''}`);
        rushes.push(await measureRush(support, { bots, ...load }));
      }
      if (values.only !== 'rush') say('quiet groups beside a storm of 429s');
      const stormLoad = { rounds: Number(values['storm-rounds']), roundSeconds: Number(values['storm-seconds']) };
      const storm = values.only === 'rush' ? undefined : await measureStorm(support, stormLoad);
      const report: Report = { rushes, storm, load1m: rounded(loadavg()[0] ?? 0) };
      console.log(linesOf(report).join('\n'));
      if (values.json) console.log(JSON.stringify(report));
    } finally {
      await support.close();
    }
  } finally {
    await servers.stop();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
