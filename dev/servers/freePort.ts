import { createServer } from 'node:net';

// Below Linux's ephemeral range (32768 and up): no outgoing connection can take the port between our look and its use.
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** Whether a server could listen on this TCP port of the loopback interface now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** A free loopback port: `preferred` or the next free one above it; without a preference a random one. */
export async function freePort(preferred?: number): Promise<number> {
  let port = preferred ?? randomPort();
  for (let tries = 0; tries < 200; tries += 1) {
    if (await isPortFree(port)) return port;
    port = preferred === undefined ? randomPort() : port + 1;
  }
  throw new Error(`No free port found near ${port}`);
}

function randomPort(): number {
  return LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
}
