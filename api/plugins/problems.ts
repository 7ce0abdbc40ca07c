import { STATUS_CODES } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CodedError } from '../../contracts/errors.ts';
import type { Problem } from '../../contracts/webchat.ts';
import { toCodedError } from '../errors/toCodedError.ts';
import type { ApiMetrics } from '../metrics.ts';

const CLOSING_RETRY_SECONDS = 1;

type ErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;

/** Answers every error, of a route or of the router before it, with problem+json (RFC 9457) and a stable `code`. */
export function createErrorHandler(metrics: ApiMetrics): ErrorHandler {
  return (error, request, reply) => {
    const coded = toCodedError(error);
    metrics.errors.inc({ code: coded.code, transport: 'http' });
    const isTrouble = coded.status >= 500 && coded.code !== 'shutting_down';
    if (isTrouble) request.log.error({ err: error, code: coded.code }, 'a request failed');
    else request.log.info({ code: coded.code }, 'a request was refused');
    sendProblem(coded, request, reply);
  };
}

/** Sends errors, unknown addresses, and whatever comes while the instance is closing, through `handle`. */
export function installProblems(app: FastifyInstance, handle: ErrorHandler): void {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onRequest', async () => {
    if (!closing) return;
    const options = { retryAfterSeconds: CLOSING_RETRY_SECONDS };
    throw new CodedError('shutting_down', 'This instance is being stopped; ask again.', options);
  });
  app.setErrorHandler(handle);
  app.setNotFoundHandler((request, reply) =>
    handle(new CodedError('not_found', 'There is nothing at this address.'), request, reply),
  );
}

function sendProblem(error: CodedError, request: FastifyRequest, reply: FastifyReply): void {
  const { code, status, message, retryAfterSeconds, details } = error;
  const problem: Problem = {
    type: `urn:parley:error:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code,
    detail: message,
    requestId: request.id,
    ...(retryAfterSeconds === undefined ? {} : { retryAfter: retryAfterSeconds }),
    ...(details.length === 0 ? {} : { errors: [...details] }),
  };
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  // Some site allows this origin (see installSecurity), but not the one that was asked.
  if (code === 'origin_not_allowed') reply.removeHeader('access-control-allow-origin');
  // Serialised here: a route's response schemas describe what it answers, not what went wrong before it.
  reply
    .header('x-request-id', request.id)
    .code(status)
    .type('application/problem+json')
    .serializer((payload: Problem) => JSON.stringify(payload))
    .send(problem);
}
