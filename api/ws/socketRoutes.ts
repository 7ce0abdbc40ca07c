import { setTimeout as sleep } from 'node:timers/promises';
import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { CLOSE_CODES } from '../../contracts/frames.ts';
import { MAX_FRAME_BYTES, MAX_SEQ } from '../../contracts/message.ts';
import type { ApiContext } from '../context.ts';
import { originOf } from '../edge/origin.ts';
import { toCodedError } from '../errors/toCodedError.ts';
import { ipSubject } from '../limits/ipSubject.ts';
import { problemResponses } from '../routes/problemResponses.ts';
import { CatchUp } from './catchUp.ts';
import { FrameSender } from './frameSender.ts';
import { HalfOpenSockets } from './halfOpenSockets.ts';
import { createPortalDoor } from './portalDoor.ts';
import { upgradeRequired } from './upgradeRequired.ts';
import { VisitorSocket, type VisitorSocketOptions } from './visitorSocket.ts';
import { createWebchatDoor } from './webchatDoor.ts';

/** A frame over the limit gets a coded error and the socket lives; only one beyond this ends it (1009), unread. */
const HARD_LIMIT_BYTES = 4 * MAX_FRAME_BYTES;
const HEARTBEAT_MS = 30_000;
/** For frames under way; the engine answers within 2.5 s, and whoever takes longer is reading a long transcript slowly. */
const FINISH_MS = 3_000;
/** For clients to answer the closing handshake; who does not is cut off. */
const GOODBYE_MS = 1_000;
/** The types of ws do not know `closeTimeout` yet. */
const SERVER_OPTIONS: object = { maxPayload: HARD_LIMIT_BYTES, closeTimeout: GOODBYE_MS };
const POLL_MS = 20;

const SOCKET_SCHEMA = { tags: ['webchat'], response: problemResponses('upgrade_required', 'rate_limited') };

const PORTAL_SOCKET_SCHEMA = {
  tags: ['portal'],
  params: z.object({ conversationId: z.uuid().toLowerCase() }),
  /** For a socket that comes with a cookie; any other says it in its first frame. */
  querystring: z.object({ since: z.coerce.number().int().nonnegative().max(MAX_SEQ).default(0) }),
  response: problemResponses('invalid_request', 'upgrade_required', 'rate_limited'),
};

/** WS /v1/ws for visitors, WS /chat/ws/:conversationId for people of the portal. On close, sockets finish the frame under way and are told to come back (1012). */
export async function registerSocketRoutes(app: FastifyInstance, api: ApiContext, logger: Logger): Promise<void> {
  const { db, words, hub, limits, metrics } = api;
  const catchUp = new CatchUp({
    db,
    words,
    hub,
    logger,
    onCaughtUp: (messages) => metrics.caughtUp.inc(messages),
  });
  const halfOpen = new HalfOpenSockets(limits);
  const visitors = new Map<WebSocket, VisitorSocket>();
  const heartbeat = startHeartbeat(visitors);

  await app.register(websocket, {
    options: SERVER_OPTIONS,
    // ws has answered the client (or lost it) by now.
    errorHandler: (error, _socket, request) => request.log.info({ reason: error.message }, 'a socket broke'),
    // Its own way of closing cuts clients off in the middle of a frame; ours is below.
    preClose: (done) => done(),
  });

  app.addHook('preClose', async () => {
    clearInterval(heartbeat);
    await shutDown(visitors);
    await catchUp.close();
    app.websocketServer.close();
  });

  // Node's HTTP server has given the connection of an upgrade away: where it was refused, nobody would read or end it. The
  // plugin sees to that only where the refusal came after its own hook.
  app.addHook('onResponse', async ({ raw, headers }) => {
    if (headers.upgrade !== undefined) raw.socket.destroySoon();
  });

  // Anyone may connect: the first frame brings the token.
  const socketRoute = { config: { access: 'public', limit: 'ip.connect' }, schema: SOCKET_SCHEMA } as const;
  const receive = (
    socket: WebSocket,
    request: FastifyRequest,
    door: Pick<VisitorSocketOptions, 'admit' | 'arrival'>,
  ) => {
    const log = logger.child({ request_id: request.id });
    const address = ipSubject(request.ip);
    const leaveAddress = holdPlace(socket, api, address);
    if (!leaveAddress) return;
    visitors.set(socket, new VisitorSocket({ socket, api, catchUp, halfOpen, logger: log, address, ...door }));
    metrics.sockets.inc();
    socket.on('close', () => {
      visitors.delete(socket);
      leaveAddress();
      metrics.sockets.dec();
    });
  };
  app.route({
    ...socketRoute,
    method: 'GET',
    url: '/v1/ws',
    handler: upgradeRequired,
    wsHandler: (socket, request) =>
      receive(socket, request, { admit: createWebchatDoor(api, originOf(request.headers)) }),
  });
  app.withTypeProvider<ZodTypeProvider>().route({
    ...socketRoute,
    schema: { ...SOCKET_SCHEMA, ...PORTAL_SOCKET_SCHEMA },
    method: 'GET',
    url: '/chat/ws/:conversationId',
    handler: upgradeRequired,
    wsHandler(socket, request) {
      const { conversationId } = request.params;
      receive(socket, request, createPortalDoor(api, { request, conversationId, since: request.query.since }));
    },
  });
}

/** Undefined when the address has all the sockets that it may have: the client was told so, and this one is closed. */
function holdPlace(socket: WebSocket, { limits, metrics }: ApiContext, address: string): (() => void) | undefined {
  try {
    return limits.hold('ip.socket', address);
  } catch (error) {
    const refusal = toCodedError(error);
    metrics.errors.inc({ code: refusal.code, transport: 'ws' });
    const sender = new FrameSender(socket);
    sender.sendError(refusal);
    sender.close(CLOSE_CODES.rate_limited, refusal.code);
    return undefined;
  }
}

/** Finds connections whose other end vanished without a word. */
function startHeartbeat(visitors: ReadonlyMap<WebSocket, VisitorSocket>): NodeJS.Timeout {
  const silent = new WeakSet<WebSocket>();
  return setInterval(() => {
    for (const socket of visitors.keys()) {
      if (silent.has(socket)) {
        socket.terminate();
        continue;
      }
      silent.add(socket);
      socket.once('pong', () => silent.delete(socket));
      socket.ping();
    }
  }, HEARTBEAT_MS);
}

async function shutDown(visitors: ReadonlyMap<WebSocket, VisitorSocket>): Promise<void> {
  await Promise.all([...visitors.values()].map((visitor) => visitor.shutDown(FINISH_MS)));
  const deadline = Date.now() + GOODBYE_MS;
  while (visitors.size > 0 && Date.now() < deadline) await sleep(POLL_MS);
  for (const socket of visitors.keys()) socket.terminate();
}
