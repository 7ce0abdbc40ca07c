import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';

/** Code of every error of a connection that was never established: the request certainly was not written. */
export const NOT_CONNECTED = 'ERR_NOT_CONNECTED';

const CONNECT_TIMEOUT_MS = 5_000;

class NotConnectedError extends Error {
  readonly code = NOT_CONNECTED;
}

/**
 * An agent with kept-alive connections that tells "could not connect" from "connection lost". Only the first is safe to
 * repeat, and a black-holed network would otherwise look like a request that was written and never answered.
 */
export function createConnectionAgent(apiRoot: string): HttpAgent {
  return apiRoot.startsWith('https:')
    ? new ConnectionHttpsAgent({ keepAlive: true, maxSockets: 64 })
    : new ConnectionHttpAgent({ keepAlive: true, maxSockets: 64 });
}

class ConnectionHttpAgent extends HttpAgent {
  override createConnection(options: ClientRequestArgs, callback?: (error: Error | null, stream: Duplex) => void) {
    return markUntilConnected(super.createConnection(options, callback), 'connect');
  }
}

class ConnectionHttpsAgent extends HttpsAgent {
  override createConnection(options: RequestOptions, callback?: (error: Error | null, stream: Duplex) => void) {
    return markUntilConnected(super.createConnection(options, callback), 'secureConnect');
  }
}

function markUntilConnected<T extends Duplex | null | undefined>(socket: T, connectedEvent: string): T {
  if (!socket) return socket;
  const timer = setTimeout(() => socket.destroy(new NotConnectedError('connect timeout')), CONNECT_TIMEOUT_MS);
  const markError = (error: Error) => {
    clearTimeout(timer);
    Object.assign(error, { code: NOT_CONNECTED });
  };
  // Before any listener of the HTTP client, so that it sees the marked error.
  socket.prependListener('error', markError);
  socket.once(connectedEvent, () => {
    clearTimeout(timer);
    socket.off('error', markError);
  });
  socket.once('close', () => clearTimeout(timer));
  return socket;
}
