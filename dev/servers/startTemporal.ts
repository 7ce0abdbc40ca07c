import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Connection } from '@temporalio/client';
import { freePort } from './freePort.ts';
import { resolveTemporal } from './resolveTemporal.ts';
import { spawnServer } from './spawnServer.ts';

const READY_WITHIN_MS = 60_000;
const WORKFLOW_SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';
const SEARCH_ATTRIBUTES = ['TenantId', 'ConversationStatus', 'Owner', 'Channel', 'FlowId'];

const DYNAMIC_CONFIG = {
  // The development server's default of 20 polls a second adds up to 50 ms to every hop between its queues.
  'history.transferProcessorMaxPollRPS': 1000,
  // A history is deleted when each of these queues has noted that it is past the end; by default they note it every 30 s.
  'history.transferProcessorUpdateAckInterval': '1s',
  'history.timerProcessorUpdateAckInterval': '1s',
  'history.visibilityProcessorUpdateAckInterval': '1s',
  // Fairness keys are ignored without this.
  'matching.enableFairness': true,
};

export interface TemporalOptions {
  /** Receives the server's log. */
  logFile: string;
  /** SQLite file that survives restarts; in memory without it. */
  dbFile?: string;
  port?: number;
  /** Port of Temporal UI; no UI without it. */
  uiPort?: number;
  /** Where Temporal UI has payloads decoded. */
  codecEndpoint?: string;
  /** Values beside or instead of the defaults, by Temporal's names. */
  dynamicConfig?: Record<string, string | number | boolean>;
  onProgress?: (text: string) => void;
}

export interface TemporalServer {
  address: string;
  uiUrl?: string;
  port: number;
  pid: number;
  /** Which Temporal was taken, in words for the terminal. */
  source: string;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** Starts Temporal's development server with the search attributes of conversations, and waits until it serves. */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const { path, source } = await resolveTemporal(options.onProgress ?? (() => {}));
  const port = options.port ?? (await freePort());
  if (options.dbFile) await mkdir(dirname(options.dbFile), { recursive: true });
  const server = await spawnServer({
    name: 'Temporal',
    command: path,
    args: argumentsOf(options, port),
    ports: options.uiPort === undefined ? [port] : [port, options.uiPort],
    logFile: options.logFile,
  });
  const address = `127.0.0.1:${port}`;
  await server.waitUntilReady(() => isServing(address), READY_WITHIN_MS);
  const uiUrl = options.uiPort === undefined ? undefined : `http://127.0.0.1:${options.uiPort}`;
  return { address, uiUrl, port, pid: server.pid, source, stop: server.stop, kill: server.kill };
}

function argumentsOf(options: TemporalOptions, port: number): string[] {
  const settings = Object.entries({ ...DYNAMIC_CONFIG, ...options.dynamicConfig });
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'warn'],
    ...(options.dbFile ? ['--db-filename', options.dbFile] : []),
    ...(options.uiPort === undefined ? ['--headless'] : ['--ui-port', String(options.uiPort)]),
    ...(options.codecEndpoint ? ['--ui-codec-endpoint', options.codecEndpoint] : []),
    ...settings.flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${JSON.stringify(value)}`]),
    ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ];
}

/** Healthy by gRPC's own protocol, and conversations can be started with their search attributes. */
async function isServing(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: 1_000 });
  try {
    const { status } = await connection.healthService.check({ service: WORKFLOW_SERVICE });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    return status === 1 && SEARCH_ATTRIBUTES.every((name) => customAttributes?.[name] !== undefined);
  } finally {
    await connection.close();
  }
}
