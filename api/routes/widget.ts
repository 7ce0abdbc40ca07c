import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { CodedError } from '../../contracts/errors.ts';
import { problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const YEAR = 'public, max-age=31536000, immutable';
const FIVE_MINUTES = 'public, max-age=300';
const HASH_LENGTH = 12;

interface Script {
  body: string;
  hash: string;
  modifiedAt: number;
}

/** The embed script. With `?v=<hash of what is served>` a browser keeps it for a year; any other address may change. */
export const widgetRoutes: RouteModule = async (app, { api }) => {
  let script: Script | undefined;

  async function current(file: string): Promise<Script> {
    const { mtimeMs } = await stat(file);
    if (script?.modifiedAt === mtimeMs) return script;
    const body = await readFile(file, 'utf8');
    const hash = createHash('sha256').update(body).digest('hex').slice(0, HASH_LENGTH);
    script = { body, hash, modifiedAt: mtimeMs };
    return script;
  }

  app.get(
    '/widget.js',
    {
      config: { access: 'public', limit: 'none' },
      schema: {
        tags: ['webchat'],
        querystring: z.object({ v: z.string().max(64).optional() }),
        response: {
          200: { description: 'The script.', content: { 'text/javascript': { schema: z.string() } } },
          304: z.null().describe('What the client has is current.'),
          ...problemResponses('invalid_request', 'not_found'),
        },
      },
    },
    async (request, reply) => {
      const { body, hash } = await scriptOrNotFound(() => (api.widgetFile ? current(api.widgetFile) : undefined));
      reply
        .header('cache-control', request.query.v === hash ? YEAR : FIVE_MINUTES)
        .header('etag', `"${hash}"`)
        .type('text/javascript; charset=utf-8');
      if (request.headers['if-none-match'] === `"${hash}"`) return reply.code(304).send(null);
      return reply.send(body);
    },
  );
};

async function scriptOrNotFound(read: () => Promise<Script> | undefined): Promise<Script> {
  try {
    const script = await read();
    if (script) return script;
  } catch (cause) {
    throw new CodedError('not_found', 'The widget has not been built.', { cause });
  }
  throw new CodedError('not_found', 'No widget is served here.');
}
