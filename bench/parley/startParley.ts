import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { migrate } from '../../db/migrate.ts';
import { seedDefaults } from '../../db/seedDefaults.ts';
import { freePort } from '../../dev/servers/freePort.ts';
import { MANY_FROM_ONE_ADDRESS } from '../../dev/servers/manyFromOneAddress.ts';
import { spawnServer } from '../../dev/servers/spawnServer.ts';
import { workflowBundle } from '../../worker/workflowBundle.ts';
import { OpenDoor } from '../open/openDoor.ts';
import type { Path, Sent } from '../path.ts';
import { BENCH_WORKER } from '../settings.ts';
import type { BenchServers } from '../startServers.ts';
import { BENCH_FLOW } from './flow.ts';
import { VisitorClient } from './visitorClient.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SITE_KEY = 'bench';
const READY_WITHIN_MS = 60_000;
const OPEN_AT_ONCE = 10;

export interface ParleyOptions {
  servers: BenchServers;
  conversations: number;
  /** Receives logs. */
  folder: string;
  /** Flags for Node of both processes. */
  execArgv: string[];
  /** Beside, or instead of, what both processes are configured with. */
  env?: Record<string, string>;
}

export interface ParleyPath extends Path {
  apiUrl: string;
  /** The same conversations by other ways: with HTTP requests, and through an API that asks nobody who they are. */
  ways: { http: Path; openSocket: Path; openHttp: Path };
  /** Does for Postgres what autovacuum does once a minute: a plan that was made for empty tables is made anew. */
  settle(): Promise<void>;
}

/** Parley as it is deployed: an API process and a worker process; this process is its visitors. */
export async function startParley({
  servers,
  conversations,
  folder,
  execArgv,
  env: moreEnv = {},
}: ParleyOptions): Promise<ParleyPath> {
  await migrate(servers.ownerUrl);
  await seedDefaults(servers.appUrl, {
    siteKey: SITE_KEY,
    allowedOrigins: [],
    flowDefinition: BENCH_FLOW,
    documents: [],
  });
  await workflowBundle();
  const port = await freePort();
  const env = { ...environment(servers), ...moreEnv };
  const start = (name: string, script: string, ports: number[]) =>
    spawnServer({
      name,
      command: process.execPath,
      args: [...execArgv, 'scripts/run.mjs', script],
      ports,
      cwd: root,
      env: { ...env, PORT: String(ports[0] ?? 0) },
      logFile: path.join(folder, `${name}.log`),
    });
  const worker = await start('worker', 'worker/main.ts', []);
  const api = await start('api', 'api/server.ts', [port]);
  const apiUrl = `http://127.0.0.1:${port}`;
  await api.waitUntilReady(async () => (await fetch(`${apiUrl}/ready`)).ok, READY_WITHIN_MS);
  const visitors = await openVisitors(apiUrl, conversations);

  const openPort = await freePort();
  const openApi = await start('open', 'bench/open/apiMain.ts', [openPort]);
  const openUrl = `http://127.0.0.1:${openPort}`;
  await openApi.waitUntilReady(async () => (await fetch(`${openUrl}/ready`)).ok, READY_WITHIN_MS);
  const doors = await Promise.all(
    visitors.map(({ conversationId }) => OpenDoor.open(openUrl, { tenantId: DEFAULT_TENANT_ID, conversationId })),
  );
  const way = (name: string, apiProcess: number, send: (visitor: VisitorClient, door: OpenDoor) => Sent): Path => ({
    name,
    conversations,
    processes: { API: apiProcess, worker: worker.pid },
    send: (conversation) => send(at(visitors, conversation), at(doors, conversation)),
    async close() {
      for (const client of [...visitors, ...doors]) client.leave();
      await Promise.all([api.stop(), openApi.stop(), worker.stop()]);
    },
  });
  return {
    ...way('Parley', api.pid, (visitor) => visitor.say()),
    apiUrl,
    settle: () => vacuum(servers.ownerUrl),
    ways: {
      http: way('Parley over HTTP', api.pid, (visitor) => visitor.sayOverHttp()),
      openSocket: way('no edge', openApi.pid, (visitor, door) => visitor.sayBy((id) => door.say(id))),
      openHttp: way('no edge, over HTTP', openApi.pid, (visitor, door) => visitor.sayBy((id) => door.sayOverHttp(id))),
    },
  };
}

async function vacuum(ownerUrl: string): Promise<void> {
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query('VACUUM ANALYZE');
  await owner.end();
}

function at<T>(clients: readonly T[], conversation: number): T {
  const client = clients[conversation];
  if (!client) throw new RangeError(`There is no conversation ${conversation}`);
  return client;
}

async function openVisitors(apiUrl: string, count: number): Promise<VisitorClient[]> {
  const visitors: VisitorClient[] = [];
  while (visitors.length < count) {
    const batch = Math.min(OPEN_AT_ONCE, count - visitors.length);
    visitors.push(...(await Promise.all(Array.from({ length: batch }, () => beginConversation(apiUrl)))));
  }
  return visitors;
}

/** A visitor who was answered once: the workflow runs, so that whoever only signals finds it. */
async function beginConversation(apiUrl: string): Promise<VisitorClient> {
  const visitor = await VisitorClient.open(apiUrl, SITE_KEY);
  await visitor.say().replied;
  return visitor;
}

/** The whole environment, so that nothing of the caller's changes the figures; without Telegram. */
function environment({ appUrl, redisUrl, temporalAddress }: BenchServers): Record<string, string> {
  return {
    NODE_ENV: 'production',
    LOG_LEVEL: 'info',
    HOST: '127.0.0.1',
    DATABASE_URL: appUrl,
    DATABASE_POOL_SIZE: String(BENCH_WORKER.databasePoolSize),
    REDIS_URL: redisUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    CONVERSATION_JWT_SECRET: randomBytes(32).toString('base64url'),
    MASTER_KEY: randomBytes(32).toString('base64'),
    LIMITS: MANY_FROM_ONE_ADDRESS,
    WORKER_CACHE_SIZE: String(BENCH_WORKER.cacheSize),
  };
}
