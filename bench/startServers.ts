import path from 'node:path';
import { startPostgres } from '../dev/servers/startPostgres.ts';
import { startRedis } from '../dev/servers/startRedis.ts';
import { startTemporal } from '../dev/servers/startTemporal.ts';
import { ensureSystemPackage } from '../dev/servers/systemPackage.ts';
import type { Watched } from './processorTime.ts';

export interface BenchServers {
  ownerUrl: string;
  appUrl: string;
  redisUrl: string;
  temporalAddress: string;
  processes: Watched;
  stop(): Promise<void>;
}

/** One Temporal for both paths; a Postgres that really syncs, and a Redis, for Parley. All on this machine. */
export async function startServers(folder: string, onProgress: (text: string) => void): Promise<BenchServers> {
  await ensureSystemPackage('redis-server');
  const [postgres, redis, temporal] = await Promise.all([
    startPostgres({ dataDir: path.join(folder, 'postgres') }),
    startRedis({ dir: path.join(folder, 'redis') }),
    startTemporal({ logFile: path.join(folder, 'temporal.log'), onProgress }),
  ]);
  if (!redis) throw new Error('redis-server could not be started');
  return {
    ownerUrl: postgres.ownerUrl,
    appUrl: postgres.appUrl,
    redisUrl: redis.url,
    temporalAddress: temporal.address,
    processes: { Temporal: temporal.pid, Postgres: postgres.pid, Redis: redis.pid },
    async stop() {
      await Promise.all([temporal.stop(), redis.stop(), postgres.stop()]);
    },
  };
}
