import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { CodedError } from '../../contracts/errors.ts';

const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'QUERY'];

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
  // What serves whole folders has no other methods worth a word.
  const isFolder = url.includes('*') && !url.startsWith('/v1/');
  if (isFolder || others.length === 0) return;
  const allow = [...known].join(', ');
  const refuse = async (_request: FastifyRequest, reply: FastifyReply): Promise<never> => {
    reply.header('allow', allow);
    throw new CodedError('method_not_allowed', 'This address does not know the method.');
  };
  // Refused before anything is made of the body: what is wrong with it is not what is wrong.
  const access = { access: 'public' } as const;
  app.route({ method: others, url, config: access, schema: { hide: true }, onRequest: refuse, handler: refuse });
}
