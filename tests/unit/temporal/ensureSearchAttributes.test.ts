import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createEngineClient } from '../../../temporal/connect.ts';
import { ensureSearchAttributes } from '../../../temporal/ensureSearchAttributes.ts';

const plainText = { encode: async <T>(payloads: T) => payloads, decode: async <T>(payloads: T) => payloads };

describe('ensureSearchAttributes', () => {
  let server: Http2Server;

  afterEach(() => new Promise<void>((resolve) => void server.close(() => resolve())));

  /** A server that answers every call with this gRPC status. */
  async function ensureAt(status: number): Promise<boolean> {
    server = createServer();
    server.on('stream', (stream) => {
      const headers = { 'content-type': 'application/grpc', 'grpc-status': String(status), 'grpc-message': 'no' };
      stream.respond(headers, { endStream: true });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = createEngineClient({ address, namespace: 'default' }, plainText);
    try {
      return await ensureSearchAttributes(client);
    } finally {
      await client.connection.close();
    }
  }

  it.each([
    ['forbids it', 7],
    ['does not offer it', 12],
  ])('leaves them to the administrators of a server that %s', async (_what, status) => {
    expect(await ensureAt(status)).toBe(false);
  });

  it('fails, to be tried again, at a server that cannot answer now', async () => {
    await expect(ensureAt(13)).rejects.toMatchObject({ code: 13 });
  });
});
