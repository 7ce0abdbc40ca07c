import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ServerProcess, spawnServer } from '../../dev/servers/spawnServer.ts';
import { createEmulatorControl } from '../../dev/telegram/control/createEmulatorControl.ts';
import { GROUP_ID } from './scenario.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The first worker of a fresh checkout bundles the workflows. */
const READY_WITHIN_MS = 60_000;

interface Program {
  name: string;
  /** Of the repository, with its arguments. */
  script: string[];
  folder: string;
  port?: number;
  env?: Record<string, string>;
}

async function spawnProgram(
  { name, script, folder, port, env = {} }: Program,
  isReady: (log: string) => Promise<boolean>,
): Promise<ServerProcess> {
  const logFile = path.join(folder, `${name}.log`);
  const logStart = await stat(logFile).then(
    ({ size }) => size,
    () => 0,
  );
  const server = await spawnServer({
    name,
    command: process.execPath,
    args: ['scripts/run.mjs', ...script],
    ports: port === undefined ? [] : [port],
    logFile,
    cwd: root,
    // Nothing but what it is configured with: as a container would start it.
    env,
  });
  const logOfThisStart = async () => (await readFile(logFile)).subarray(logStart).toString();
  await server.waitUntilReady(async () => isReady(await logOfThisStart()), READY_WITHIN_MS);
  return server;
}

export function startApiProgram(folder: string, instance: number, env: Record<string, string>, port: number) {
  const program = { name: `api-${instance}`, script: ['api/server.ts'], folder, port };
  return spawnProgram({ ...program, env: { ...env, PORT: String(port) } }, async () => {
    const { ok } = await fetch(`http://127.0.0.1:${port}/health`);
    return ok;
  });
}

export function startWorkerProgram(folder: string, instance: number, env: Record<string, string>) {
  const program = { name: `worker-${instance}`, script: ['worker/main.ts'], folder, env };
  return spawnProgram(program, async (log) => log.includes('the worker polls'));
}

/** Telegram with its real limits and about its latency, so that kills hit calls in flight. What it has answered survives a kill. */
export async function startEmulatorProgram(folder: string, botTokens: readonly string[], port: number) {
  const flags = {
    '--port': String(port),
    '--state': path.join(folder, 'telegram'),
    '--group-id': String(GROUP_ID),
    '--limits': 'real',
  };
  const bots = botTokens.flatMap((token) => ['--bot-token', token]);
  const script = ['dev/telegram/main.ts', ...Object.entries(flags).flat(), ...bots];
  const control = createEmulatorControl(`http://127.0.0.1:${port}`);
  const server = await spawnProgram({ name: 'emulator', script, folder, port }, async () => {
    await control.describeGroup();
    return true;
  });
  await control.injectFault({ kind: 'delay', ms: 120, forMs: 3_600_000 });
  return server;
}
