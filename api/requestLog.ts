import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';

/** One line a request, when it is over: what it was, whose, and what became of it. */
export class RequestLog extends LogController {
  override incomingRequest(): void {}

  override requestCompleted(err: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    // The request's own logger: it knows by now whose request it is.
    const line = { req: request, res: reply, responseTime: reply.elapsedTime };
    if (err) request.log.error({ ...line, err }, 'request errored');
    else request.log.info(line, 'request completed');
  }
}
