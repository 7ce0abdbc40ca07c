import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

export interface LeaderOptions {
  databaseUrl: string;
  /** Any number that no other work locks in this database. */
  lockKey: number;
  /** Ends the candidacy, and the work. */
  signal: AbortSignal;
}

/** How often a candidate tries, and a leader makes sure of its lock. Takeover takes about that long. */
const INTERVAL_MS = 500;

/** An answer that takes longer counts as a lost connection, and with it the lock. */
const ANSWER_WITHIN_MS = 2_000;

/**
 * Of all processes that call this with the same key, one at a time runs `work`; the others wait to take over. The lock lives
 * in one connection: when that breaks, the signal that `work` was given is aborted. Resolves after `signal`.
 */
export async function runAsLeader(options: LeaderOptions, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  while (!options.signal.aborted) {
    await candidacy(options, work).catch(() => {});
    await pause(options.signal);
  }
}

async function candidacy(
  { databaseUrl, lockKey, signal }: LeaderOptions,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'parley-leader',
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
    keepAlive: true,
  });
  const lost = new AbortController();
  client.on('error', () => lost.abort());
  client.on('end', () => lost.abort());
  try {
    await client.connect();
    while (!signal.aborted && !lost.signal.aborted) {
      const { rows } = await client.query<{ leads: boolean }>('SELECT pg_try_advisory_lock($1) AS leads', [lockKey]);
      if (rows[0]?.leads) return await lead(client, AbortSignal.any([signal, lost.signal]), () => lost.abort(), work);
      await pause(signal);
    }
  } finally {
    await client.end().catch(() => {});
  }
}

async function lead(
  client: Client,
  signal: AbortSignal,
  giveUp: () => void,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const working = work(signal).finally(giveUp);
  // Its failure is met below; until then it must not count as unhandled.
  working.catch(() => {});
  while (!signal.aborted) {
    await pause(signal);
    if (!signal.aborted) await client.query('SELECT 1').catch(giveUp);
  }
  await working;
}

/** Ends early, and without an error, when the signal is aborted. */
async function pause(signal: AbortSignal): Promise<void> {
  await sleep(INTERVAL_MS, undefined, { signal }).catch(() => {});
}
