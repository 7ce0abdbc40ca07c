import { z } from 'zod';
import { ping as pingDatabase } from '../../db/ping.ts';
import type { ApiContext } from '../context.ts';
import { problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const PROBE_WITHIN_MS = 1_500;

const upSchema = z.object({ status: z.literal('up') });
const stateSchema = z.enum(['up', 'down', 'unused']);
const readinessSchema = z.object({
  status: z.enum(['ready', 'unready']),
  /** Redis may be down: the edge works without it, only slower. */
  checks: z.object({ database: stateSchema, engine: stateSchema, redis: stateSchema }),
});

/** /health: this process answers. /ready: it can do its work now. */
export const healthRoutes: RouteModule = async (app, { api }) => {
  app.get(
    '/health',
    {
      config: { access: 'public', limit: 'none' },
      logLevel: 'warn',
      schema: { tags: ['operation'], response: { 200: upSchema, ...problemResponses() } },
    },
    async () => ({ status: 'up' as const }),
  );

  app.get(
    '/ready',
    {
      config: { access: 'public', limit: 'none' },
      logLevel: 'warn',
      schema: { tags: ['operation'], response: { ...problemResponses(), 200: readinessSchema, 503: readinessSchema } },
    },
    async (_request, reply) => {
      const checks = await probe(api);
      const ready = checks.database === 'up' && checks.engine === 'up';
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'unready', checks });
    },
  );
};

async function probe({ db, engine, hub, redis }: ApiContext) {
  const [database, temporal] = await Promise.all([
    stateOf(pingDatabase(db)),
    stateOf(
      engine.ping().then(
        () => true,
        () => false,
      ),
    ),
  ]);
  const redisState = hub.connected ? ('up' as const) : ('down' as const);
  return { database, engine: temporal, redis: redis ? redisState : ('unused' as const) };
}

async function stateOf(answer: Promise<boolean>): Promise<'up' | 'down'> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PROBE_WITHIN_MS);
  });
  const isUp = await Promise.race([answer, silence]);
  clearTimeout(timer);
  return isUp ? 'up' : 'down';
}
