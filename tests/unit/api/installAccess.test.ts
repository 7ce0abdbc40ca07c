import Fastify, { type FastifyInstance, type RouteShorthandOptions } from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import { installAccess } from '../../../api/access/installAccess.ts';
import type { ApiContext } from '../../../api/context.ts';

describe('the declaration of who may call a route', () => {
  let app: FastifyInstance;
  const handler = async () => ({ secret: true });
  const add = (options: RouteShorthandOptions) => () => app.get('/thing', options, handler);

  beforeEach(() => {
    app = Fastify();
    // Nobody is let in by it: these routes are refused before or public.
    installAccess(app, { apiKeys: { settle: async () => {} } } as unknown as ApiContext);
  });

  it('is missed where a route is added without it, by the name of the route', () => {
    expect(add({})).toThrow('GET /thing does not declare who may call it');
    expect(add({ config: {} })).toThrow('config.access');
    expect(add({ config: { access: 'public' } })).not.toThrow();
  });

  it('is missed in plugins as well', async () => {
    const plugin = app.register(async (scope) => {
      scope.get('/thing', handler);
    });
    await expect(plugin).rejects.toThrow('GET /thing does not declare who may call it');
  });

  it('must not give a scope to a smaller role than the scope is for', () => {
    expect(add({ config: { access: { scope: 'members:manage', role: 'agent' } } })).toThrow('members:manage');
    expect(add({ config: { access: { scope: 'conversations:write', role: 'viewer' } } })).toThrow('viewers');
    expect(add({ config: { access: { scope: 'conversations:read', role: 'admin' } } })).not.toThrow();
  });

  it('of a scope speaks for the routes of a plugin that is not ours, and for no others', async () => {
    await app.register(async (scope) => {
      scope.decorate('accessOfAll', 'public');
      await scope.register(async (inner) => void inner.get('/theirs', handler));
    });
    expect(() => app.get('/ours', handler)).toThrow('GET /ours does not declare');
    expect((await app.inject('/theirs')).statusCode).toBe(200);
  });

  it('gives a handler only what the kind of access stands for', async () => {
    app.get('/careless', { config: { access: 'public' } }, async ({ tenantId }) => ({ tenantId }));
    const answer = await app.inject('/careless');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).toContain('gives no tenantId');
  });

  it('is asked of routes that were added before it as well: nobody gets in', async () => {
    const late = Fastify();
    late.get('/early', handler);
    installAccess(late, { apiKeys: { settle: async () => {} } } as unknown as ApiContext);
    const answer = await late.inject('/early');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret');
  });
});
