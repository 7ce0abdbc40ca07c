import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How long a request of this route may take to arrive, in milliseconds. */
    bodyWithinMs?: number;
  }
}

/** For a body of 64 KB over the slowest line. */
const BODY_WITHIN_MS = 30_000;

/** The longest that any route grants: the server's own limit, which knows no routes. */
export const LONGEST_REQUEST_MS = 210_000;

/** Ends the connection of whoever takes too long to say what it wants: a letter now and then holds no place. */
export function endSlowBodies(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw, headers, routeOptions }) => {
    if (headers['transfer-encoding'] === undefined && !Number(headers['content-length'])) return;
    const timer = setTimeout(() => raw.socket.destroy(), routeOptions.config.bodyWithinMs ?? BODY_WITHIN_MS);
    const stop = () => clearTimeout(timer);
    raw.once('end', stop).once('close', stop);
  });
}
