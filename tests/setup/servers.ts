import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../db/migrate.ts';
import { startPostgres } from '../../dev/servers/startPostgres.ts';
import { startRedis } from '../../dev/servers/startRedis.ts';
import { startTemporal } from '../../dev/servers/startTemporal.ts';
import { ensureSystemPackage } from '../../dev/servers/systemPackage.ts';

/** Servers that all tests of a run share. `const { appUrl } = inject('servers')`. */
export interface TestServers {
  /** Postgres, migrated, as the role that owns the database. */
  ownerUrl: string;
  /** The same as the application's role, bound by row level security. */
  appUrl: string;
  redisUrl: string;
  temporalAddress: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    servers: TestServers;
  }
}

/** Starts the servers once for all projects that name this file, and not at all when none of them runs. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const root = project.vitest.getRootProject();
  if (root.getProvidedContext().servers) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'parley-tests-'));
  const [postgres, redis, temporal] = await Promise.all([
    startPostgres({ dataDir: join(folder, 'postgres'), fast: true }),
    ensureSystemPackage('redis-server').then(() => startRedis({ dir: join(folder, 'redis') })),
    startTemporal({ logFile: join(folder, 'temporal.log'), onProgress: (text) => process.stdout.write(`${text}\n`) }),
  ]);
  await migrate(postgres.ownerUrl);
  if (!redis) throw new Error('redis-server could not be started');
  root.provide('servers', {
    ownerUrl: postgres.ownerUrl,
    appUrl: postgres.appUrl,
    redisUrl: redis.url,
    temporalAddress: temporal.address,
  });
  return async () => {
    await Promise.all([postgres.stop(), redis.stop(), temporal.stop()]);
    await rm(folder, { recursive: true, force: true });
  };
}
