import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import Fastify from 'fastify';
import { demoPageDir } from '../demo/demoPageDir.ts';

export interface DemoServerOptions {
  port: number;
  /** Where the API answers, known once it listens. */
  apiUrl(): string;
  /** The only page that may have payloads decoded here. */
  temporalUiOrigin: string | undefined;
  serviceToken: string;
}

/**
 * The demo shop, at an origin of its own as a customer's site would be; and, for Temporal UI on this machine, the way to the
 * API's codec endpoint: it adds the service token, which a browser must not hold.
 */
export async function startDemoServer(options: DemoServerOptions): Promise<{ url: string; close(): Promise<void> }> {
  const { port, apiUrl, temporalUiOrigin, serviceToken } = options;
  const app = Fastify({ forceCloseConnections: true, bodyLimit: 16 * 1024 * 1024 });

  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'content-security-policy': shopPolicy(apiUrl()), 'x-content-type-options': 'nosniff' });
  });
  app.get('/', async (_request, reply) => {
    const page = await readFile(path.join(demoPageDir, 'index.html'), 'utf8');
    return reply.type('text/html').send(page.replace('src="/widget.js"', `src="${apiUrl()}/widget.js"`));
  });
  await app.register(fastifyStatic, { root: demoPageDir, index: false });

  if (temporalUiOrigin !== undefined) {
    app.addHook('onRequest', async (request, reply) => {
      if (!request.url.startsWith('/codec/')) return;
      if (request.headers.origin !== temporalUiOrigin) return reply.code(403).send();
      reply.header('access-control-allow-origin', temporalUiOrigin);
      reply.header('access-control-allow-headers', 'content-type,x-namespace,authorization');
      if (request.method === 'OPTIONS') return reply.code(204).send();
    });
    app.options('/codec/decode', async (_request, reply) => reply.code(204).send());
    app.post('/codec/decode', async (request, reply) => {
      const answer = await fetch(`${apiUrl()}/v1/admin/codec/decode`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${serviceToken}` },
        body: JSON.stringify(request.body),
      });
      return reply
        .code(answer.status)
        .type('application/json')
        .send(await answer.text());
    });
  }
  const url = await app.listen({ host: '127.0.0.1', port });
  return { url, close: () => app.close() };
}

/** What a customer's strict page allows: its own files, and the widget with the API behind it. */
function shopPolicy(apiUrl: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' ${apiUrl}`,
    "style-src 'self'",
    `img-src 'self' data: blob: ${apiUrl}`,
    `media-src blob: ${apiUrl}`,
    `connect-src 'self' ${apiUrl} ${apiUrl.replace(/^http/, 'ws')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
