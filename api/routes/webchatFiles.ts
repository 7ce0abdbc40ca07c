import multipart, { type MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CodedError } from '../../contracts/errors.ts';
import { attachmentSchema, fileLinkSchema } from '../../contracts/file.ts';
import { MAX_FILE_BYTES } from '../../contracts/fileLimits.ts';
import { readFiles } from '../../db/queries/files/readFiles.ts';
import { issueFileLink } from '../files/fileToken.ts';
import { storeUpload } from '../files/storeUpload.ts';
import { keyOf } from '../limits/spendMessage.ts';
import { problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';
import { VISITOR_PROBLEMS } from './visitorProblems.ts';

/** 10 MB over a line of 0.4 Mbit/s. */
const UPLOAD_WITHIN_MS = 200_000;

const idSchema = z.uuid().toLowerCase();

const UPLOAD = `A form (multipart/form-data) with \`id\`, a UUID by which a repeat is known, and after it \`file\`. Type and size are
read from the bytes. The file waits for a message that names it in \`attachments\`, for a day at most.`;

const UPLOAD_FORM = {
  type: 'object',
  required: ['id', 'file'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    // OpenAPI 3.1 would say contentMediaType; tools know a file by this.
    file: { type: 'string', format: 'binary' },
  },
};

/** A visitor's files: kept before the message that carries them, and the addresses of those of the conversation. */
export const webchatFilesRoutes: RouteModule = async (app, { api }) => {
  await app.register(multipart, {
    limits: { fileSize: MAX_FILE_BYTES, files: 1, fields: 1, fieldSize: 64, headerPairs: 20 },
  });

  app.post(
    '/v1/webchat/files',
    {
      config: { access: 'visitor', limit: 'ip.upload', bodyWithinMs: UPLOAD_WITHIN_MS, form: UPLOAD_FORM },
      schema: {
        tags: ['webchat'],
        description: UPLOAD,
        consumes: ['multipart/form-data'],
        response: {
          201: attachmentSchema,
          ...problemResponses(
            ...VISITOR_PROBLEMS,
            'invalid_request',
            'unsupported_media_type',
            'file_empty',
            'file_too_large',
            'file_type_refused',
            'file_quota_exceeded',
            'conflict',
            'storage_unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      const { ref } = request.visitor;
      await api.limits.consume('conversation.upload', keyOf(ref));
      const release = api.limits.hold('instance.uploads', 'all');
      try {
        const { id, name, bytes } = await readUpload(request);
        return await reply.code(201).send(await storeUpload(api, { ...ref, id }, { name, bytes }));
      } finally {
        release();
      }
    },
  );

  app.get(
    '/v1/webchat/files/:id/link',
    {
      config: { access: 'visitor', limit: 'ip.file' },
      schema: {
        tags: ['webchat'],
        params: z.object({ id: idSchema }),
        response: { 200: fileLinkSchema, ...problemResponses(...VISITOR_PROBLEMS, 'invalid_request', 'file_unknown') },
      },
    },
    async (request, reply) => {
      const { ref } = request.visitor;
      const { id } = request.params;
      const [file] = await readFiles(api.db, ref, [id]);
      if (!file?.storedAt) throw new CodedError('file_unknown', 'There is no such file.');
      reply.header('cache-control', 'no-store');
      return issueFileLink(api.keys, { ...ref, id });
    },
  );
};

interface Upload {
  id: string;
  name: string;
  bytes: Buffer;
}

/** Throws `invalid_request`, `unsupported_media_type` or `file_too_large`. */
async function readUpload(request: FastifyRequest): Promise<Upload> {
  if (!request.isMultipart()) throw new CodedError('unsupported_media_type', 'Send the file as multipart/form-data.');
  try {
    const part = await request.file();
    const id = idSchema.safeParse(part && fieldOf(part, 'id'));
    if (!part || part.fieldname !== 'file' || !id.success) {
      throw new CodedError('invalid_request', 'The form needs an id (UUID) and after it a file.');
    }
    return { id: id.data, name: part.filename, bytes: await part.toBuffer() };
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
    if (code === 'FST_REQ_FILE_TOO_LARGE') {
      throw new CodedError('file_too_large', `A file may have ${MAX_FILE_BYTES} bytes.`);
    }
    throw new CodedError('invalid_request', 'The form is not complete.', { cause });
  }
}

function fieldOf({ fields }: MultipartFile, name: string): unknown {
  const field = fields[name];
  return field && 'value' in field ? field.value : undefined;
}
