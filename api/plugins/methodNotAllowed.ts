import type { FastifyInstance, HTTPMethods } from 'fastify';
import { CodedError } from '../../contracts/errors.ts';

const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Notes the routes that follow. The returned function answers their other methods with 405 and what is allowed. */
export function watchMethods(app: FastifyInstance): () => void {
  const known = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = known.get(url) ?? new Set();
    for (const name of [method].flat()) methods.add(name);
    known.set(url, methods);
  });
  return () => {
    for (const [url, methods] of [...known]) refuseOthers(app, url, methods);
  };
}

function refuseOthers(app: FastifyInstance, url: string, known: Set<string>): void {
  const others = METHODS.filter((method) => !known.has(method));
  if (url.includes('*') || others.length === 0) return;
  const allow = [...known].join(', ');
  app.route({
    method: others,
    url,
    config: { access: 'public' },
    schema: { hide: true },
    handler: async (_request, reply) => {
      reply.header('allow', allow);
      throw new CodedError('method_not_allowed', 'This address does not know the method.');
    },
  });
}
