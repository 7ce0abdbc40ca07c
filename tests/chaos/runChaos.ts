import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEmulatorControl } from '../../dev/telegram/control/createEmulatorControl.ts';
import { answerInTopic } from './agent.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { gatherEvidence } from './evidence.ts';
import { judge, type Verdict } from './judge.ts';
import { killByPlan } from './killer.ts';
import { loadDuration, planKills, planMessages } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import { openRecords, type Records } from './records.ts';
import { kindOf, visitorText } from './scenario.ts';
import { exchangesOf, measureStalls, type Stalls } from './stalls.ts';
import { untilSettled } from './untilSettled.ts';
import { Visitor } from './visitor.ts';

export interface ChaosParameters {
  conversations: number;
  /** Of each visitor. */
  messages: number;
  kills: number;
  seed: number;
}

export interface ChaosResult extends Verdict, Stalls {
  /** Whether everything came to rest before the deadline. */
  settled: boolean;
  /** Rows of the delivery ledger. */
  ledgerRows: number;
  ledgerUnknown: number;
  ledgerStuck: number;
}

/** Runs all of Parley under load, kills its parts at moments that the seed decides, and judges what became of every message. */
export async function runChaos(parameters: ChaosParameters, say: (line: string) => void): Promise<ChaosResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-chaos-'));
  let cluster: Cluster | undefined;
  try {
    cluster = await startCluster(folder);
    say(`everything runs in ${folder}`);
    const result = await load(cluster, parameters, say);
    if (isClean(result)) await removeAfter(cluster, folder);
    return result;
  } finally {
    await cluster?.stop();
  }
}

/** Whether nothing that was promised was broken. */
export function isClean({ settled, sent, acked, ...broken }: ChaosResult): boolean {
  const { lost, duplicated, outOfOrder, unanswered, ledgerStuck } = broken;
  return settled && sent === acked && lost + duplicated + outOfOrder + unanswered + ledgerStuck === 0;
}

/** The folder of a run that went wrong is kept: its logs and data tell why. */
async function removeAfter(cluster: Cluster, folder: string): Promise<void> {
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
}

async function load(
  cluster: Cluster,
  { conversations, messages, kills, seed }: ChaosParameters,
  say: (line: string) => void,
): Promise<ChaosResult> {
  const random = createRandom(seed);
  const killPlan = planKills(random, kills);
  const durationMs = loadDuration(kills);
  const visitors = await Promise.all(
    Array.from({ length: conversations }, (_, number) => Visitor.open(number, cluster.apiUrls)),
  );
  const records = openRecords(cluster);
  const leaving = new AbortController();
  try {
    const startedAt = Date.now();
    const writing = visitors.map((visitor, number) =>
      write(visitor, number, planMessages(random, messages, durationMs), startedAt),
    );
    const answering = answerAll(cluster, visitors, records, { random, durationMs, startedAt, signal: leaving.signal });
    const [outages] = await Promise.all([killByPlan(cluster, killPlan, startedAt, say), ...writing]);
    say('all is written and everything runs again; waiting until it has settled');
    const settled = await untilSettled({ visitors, records, answering: Promise.all(answering) }, say);
    leaving.abort();
    const agentTexts = await Promise.all(answering.map((texts) => texts.catch(() => [])));
    const evidence = await gatherEvidence(visitors, agentTexts, records, createEmulatorControl(cluster.emulatorUrl));
    const { rows: ledgerRows, unknown: ledgerUnknown, stuck: ledgerStuck } = await records.ledger();
    const ledger = { ledgerRows, ledgerUnknown, ledgerStuck };
    return { ...judge(evidence), ...measureStalls(visitors.flatMap(exchangesOf), outages), ...ledger, settled };
  } finally {
    leaving.abort();
    for (const visitor of visitors) visitor.leave();
    await records.close();
  }
}

async function write(visitor: Visitor, number: number, moments: readonly number[], startedAt: number): Promise<void> {
  for (const [index, at] of moments.entries()) {
    await sleep(Math.max(0, startedAt + at - Date.now()));
    visitor.send(visitorText(kindOf(number), number, index));
  }
}

/** For each conversation what agents write in its topic: half way through the load a person joins some of them. */
function answerAll(
  cluster: Cluster,
  visitors: readonly Visitor[],
  records: Records,
  run: { random: Random; durationMs: number; startedAt: number; signal: AbortSignal },
): Promise<string[]>[] {
  const { random, durationMs, startedAt, signal } = run;
  const control = createEmulatorControl(cluster.emulatorUrl);
  return visitors.map(async (visitor, conversation) => {
    if (kindOf(conversation) !== 'agent') return [];
    const joinsAt = startedAt + durationMs * random.between(0.3, 0.6);
    const pauseMs = random.between(1_000, 10_000);
    await sleep(Math.max(0, joinsAt - Date.now()), undefined, { signal });
    const findTopic = () => records.threadOf(visitor.conversationId);
    return answerInTopic({ control, conversation, findTopic, pauseMs, signal });
  });
}
