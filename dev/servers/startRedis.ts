import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from './freePort.ts';
import { findOnPath } from './runCommand.ts';
import { spawnServer } from './spawnServer.ts';

const READY_WITHIN_MS = 10_000;

export interface RedisServer {
  url: string;
  port: number;
  pid: number;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/**
 * Starts a private `redis-server` that keeps nothing on disk (all that is in it may be lost).
 * Resolves to undefined where no such program is on PATH; the caller then uses the in-process hub.
 */
export async function startRedis(options: { dir: string; port?: number }): Promise<RedisServer | undefined> {
  const command = await findOnPath('redis-server');
  if (!command) return undefined;
  const port = options.port ?? (await freePort());
  await mkdir(options.dir, { recursive: true });
  const server = await spawnServer({
    name: 'Redis',
    command,
    ports: [port],
    args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', options.dir, '--save', '', '--appendonly', 'no'],
    logFile: join(options.dir, 'redis.log'),
  });
  await server.waitUntilReady(() => answersPing(port), READY_WITHIN_MS);
  return { url: `redis://127.0.0.1:${port}`, port, pid: server.pid, stop: server.stop, kill: server.kill };
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write('PING\r\n'));
    const finish = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('data', (data) => finish(data.toString().startsWith('+PONG')));
    socket.once('error', () => finish(false));
    socket.setTimeout(1_000, () => finish(false));
  });
}
