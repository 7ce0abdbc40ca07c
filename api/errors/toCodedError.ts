import type { FastifyError } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { CodedError, type ErrorCode } from '../../contracts/errors.ts';
import { fromZodIssues } from './fromZodIssues.ts';

/** Fastify's own refusals, by its codes. */
const FASTIFY_CODES: Record<string, { code: ErrorCode; message: string }> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'payload_too_large', message: 'The body is too large.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'unsupported_media_type', message: 'Send application/json.' },
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: { code: 'unsupported_media_type', message: 'Send application/json.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'invalid_request', message: 'Content-Length does not match the body.' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'invalid_json', message: 'The body is empty.' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'invalid_json', message: 'The body is not valid JSON.' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'not_found', message: 'There is nothing at this address.' },
  FST_ERR_BAD_URL: { code: 'invalid_request', message: 'The URL is not valid.' },
};

/** Any error as a client may see it; what is not ours becomes `internal`, whose words say nothing of the cause. */
export function toCodedError(error: unknown): CodedError {
  if (error instanceof CodedError && error.code !== 'internal') return error;
  if (hasZodFastifySchemaValidationErrors(error)) return fromZodIssues(error.validation.map(toIssue));
  const known = FASTIFY_CODES[fastifyCodeOf(error)];
  if (known) return new CodedError(known.code, known.message, { cause: error });
  return new CodedError('internal', 'Something went wrong on our side.', { cause: error });
}

function fastifyCodeOf(error: unknown): string {
  const code = error instanceof Error ? (error as Partial<FastifyError>).code : undefined;
  return code ?? '';
}

interface SchemaIssue {
  keyword: string;
  instancePath: string;
  message?: string;
}

function toIssue({ keyword, instancePath, message = 'is not valid' }: SchemaIssue) {
  return { code: keyword, message, path: instancePath.split('/').slice(1) };
}
