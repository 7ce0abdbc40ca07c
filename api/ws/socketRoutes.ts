import { setTimeout as sleep } from 'node:timers/promises';
import websocket, { type WebsocketHandler } from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { CLOSE_CODES } from '../../contracts/frames.ts';
import { MAX_FRAME_BYTES } from '../../contracts/message.ts';
import type { ApiContext } from '../context.ts';
import { originOf } from '../edge/origin.ts';
import { toCodedError } from '../errors/toCodedError.ts';
import { ipSubject } from '../limits/ipSubject.ts';
import { problemResponses } from '../routes/problemResponses.ts';
import { CatchUp } from './catchUp.ts';
import { FrameSender } from './frameSender.ts';
import { HalfOpenSockets } from './halfOpenSockets.ts';
import { upgradeRequired } from './upgradeRequired.ts';
import { VisitorSocket } from './visitorSocket.ts';
import { createWebchatDoor } from './webchatDoor.ts';

/** A frame over the limit gets a coded error and the socket lives; only one beyond this ends it (1009), unread. */
const HARD_LIMIT_BYTES = 4 * MAX_FRAME_BYTES;
const HEARTBEAT_MS = 30_000;
/** For frames under way; the engine answers within 2.5 s, and whoever takes longer is reading a long transcript slowly. */
const FINISH_MS = 3_000;
/** For clients to answer the closing handshake. */
const GOODBYE_MS = 1_000;
const POLL_MS = 20;

const SOCKET_SCHEMA = { tags: ['webchat'], response: problemResponses('upgrade_required', 'rate_limited') };

/** WS /v1/ws. On close, sockets finish the frame under way and are told to come back (1012). */
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
    options: { maxPayload: HARD_LIMIT_BYTES },
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

  // An upgrade that was refused leaves a connection that Node's HTTP server has given away: nobody reads it, no timeout ends it.
  app.addHook('onResponse', async ({ raw, headers }) => {
    if (headers.upgrade !== undefined) raw.socket.destroySoon();
  });

  // Anyone may connect: the first frame brings the token.
  const socketRoute = { config: { access: 'public', limit: 'ip.connect' }, schema: SOCKET_SCHEMA } as const;
  const onSocket: WebsocketHandler = (socket, request) => {
    const log = logger.child({ request_id: request.id });
    const admit = createWebchatDoor(api, originOf(request.headers));
    const leaveAddress = holdPlace(socket, api, request.ip);
    if (!leaveAddress) return;
    visitors.set(socket, new VisitorSocket({ socket, api, catchUp, halfOpen, logger: log, admit }));
    metrics.sockets.inc();
    socket.on('close', () => {
      visitors.delete(socket);
      leaveAddress();
      metrics.sockets.dec();
    });
  };
  app.route({ ...socketRoute, method: 'GET', url: '/v1/ws', handler: upgradeRequired, wsHandler: onSocket });
}

/** Undefined when the address has all the sockets that it may have: the client was told so, and this one is closed. */
function holdPlace(socket: WebSocket, { limits, metrics }: ApiContext, ip: string): (() => void) | undefined {
  try {
    return limits.hold('ip.socket', ipSubject(ip));
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
