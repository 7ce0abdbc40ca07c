import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { CodedError } from '../../contracts/errors.ts';
import type { FileRef } from '../../contracts/file.ts';
import { readFiles } from '../../db/queries/files/readFiles.ts';
import { isShown } from '../../storage/fileType.ts';
import { type ByteRange, StorageError } from '../../storage/port.ts';
import type { ApiContext } from '../context.ts';
import { byteRange } from '../files/byteRange.ts';
import { contentDisposition } from '../files/contentDisposition.ts';
import { requireFileToken } from '../files/fileToken.ts';
import { unavailable } from '../files/storeUpload.ts';
import { problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

/** Nothing in a file may run, whatever a browser takes it for. */
const POLICY = "default-src 'none'; sandbox";

/** A file by the address that was given out for it; see `issueFileLink`. */
export const filesRoutes: RouteModule = async (app, { api }) => {
  app.get(
    '/v1/files/*',
    {
      config: { access: 'public', limit: 'ip.file' },
      // The address is as good as the file: it must not be logged with every request.
      logLevel: 'warn',
      schema: {
        tags: ['webchat'],
        description: 'The bytes of a file, with its type; what a browser could run is only ever downloaded.',
        params: z.object({ '*': z.string().max(1_024) }),
        response: {
          200: z.any().describe('The file.'),
          206: z.any().describe('The part that Range asked for.'),
          416: z.null().describe('Range begins behind the end of the file.'),
          ...problemResponses(
            'invalid_request',
            'token_invalid',
            'token_expired',
            'file_unknown',
            'storage_unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      const { file, expiresAt } = await requireFileToken(api.keys, request.params['*']);
      const [known] = await readFiles(api.db, file, [file.id]);
      if (!known?.storedAt || !known.type) throw unknownFile();
      const { size, type } = known;
      const range = byteRange(request.headers.range, size);
      if (range === 'unsatisfiable') return reply.code(416).header('content-range', `bytes */${size}`).send(null);
      const bytes = await openBytes(api, file, range);
      const name = await api.words.files.open(file.tenantId, known.name);
      reply
        .header('content-type', type === 'text/plain' ? 'text/plain; charset=utf-8' : type)
        .header('content-disposition', contentDisposition(isShown(type) ? 'inline' : 'attachment', name))
        .header('content-security-policy', POLICY)
        .header('cache-control', `private, max-age=${secondsUntil(expiresAt)}`)
        .header('accept-ranges', 'bytes');
      return sendBytes(reply, bytes, size, range);
    },
  );
};

function sendBytes(reply: FastifyReply, bytes: Readable, size: number, range: ByteRange | undefined) {
  if (!range) return reply.header('content-length', size).send(bytes);
  const { start, end } = range;
  return reply
    .code(206)
    .header('content-range', `bytes ${start}-${end}/${size}`)
    .header('content-length', end - start + 1)
    .send(bytes);
}

async function openBytes(
  { storage }: Pick<ApiContext, 'storage'>,
  file: FileRef,
  range: ByteRange | undefined,
): Promise<Readable> {
  try {
    const bytes = await storage.open(file, range);
    if (bytes) return bytes;
  } catch (cause) {
    if (cause instanceof StorageError) throw unavailable(cause);
    throw cause;
  }
  throw unknownFile();
}

function unknownFile(): CodedError {
  return new CodedError('file_unknown', 'There is no such file.');
}

function secondsUntil(moment: Date): number {
  return Math.max(0, Math.floor((moment.getTime() - Date.now()) / 1_000));
}
