import { STATUS_CODES } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CodedError } from '../../contracts/errors.ts';
import type { Problem } from '../../contracts/webchat.ts';
import { toCodedError } from '../errors/toCodedError.ts';
import type { ApiMetrics } from '../metrics.ts';

/** Every error of every route leaves here, as problem+json (RFC 9457) with a stable `code`. */
export function installProblems(app: FastifyInstance, metrics: ApiMetrics): void {
  app.setErrorHandler((error, request, reply) => {
    const coded = toCodedError(error);
    metrics.errors.inc({ code: coded.code, transport: 'http' });
    if (coded.status >= 500) request.log.error({ err: error, code: coded.code }, 'a request failed');
    else request.log.info({ code: coded.code }, 'a request was refused');
    return sendProblem(coded, request, reply);
  });
  app.setNotFoundHandler((request, reply) => {
    const error = new CodedError('not_found', 'There is nothing at this address.');
    metrics.errors.inc({ code: error.code, transport: 'http' });
    return sendProblem(error, request, reply);
  });
}

function sendProblem(error: CodedError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
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
  // Serialised here: a route's response schemas describe what it answers, not what went wrong before it.
  return reply
    .code(status)
    .type('application/problem+json')
    .serializer((payload: Problem) => JSON.stringify(payload))
    .send(problem);
}
