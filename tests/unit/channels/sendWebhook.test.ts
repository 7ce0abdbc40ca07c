import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { isPublic } from '../../../channels/publicAddress.ts';
import { machineWord } from '../../../channels/webhook/machineWord.ts';
import { createWebhookSender } from '../../../channels/webhook/sendWebhook.ts';
import { makeWebhookSecret } from '../../../channels/webhook/webhookSecret.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server of this machine that counts who connects. */
async function startServer(): Promise<{ port: number; connections: () => number }> {
  let connections = 0;
  const server = createServer((_request, response) => response.end());
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

const message = { id: 'one', body: '{}', secrets: [makeWebhookSecret()] };

it('connects to nobody in its own network, by address or by a name that leads there, whatever the scheme', async () => {
  const { port, connections } = await startServer();
  const send = createWebhookSender({ allowedHosts: [] });
  const hosts = ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f000001', '2130706433'];
  for (const url of hosts.flatMap((host) => [`https://${host}:${port}/`, `http://${host}:${port}/`])) {
    expect([url, await send({ ...message, url })]).toEqual([
      url,
      { error: 'address_refused', durationMs: expect.any(Number) },
    ]);
  }
  expect(connections()).toBe(0);
});

it('connects there where the operator has named the host', async () => {
  const { port, connections } = await startServer();
  const send = createWebhookSender({ allowedHosts: ['localhost'] });
  expect(await send({ ...message, url: `http://localhost:${port}/` })).toMatchObject({ status: 200 });
  expect(await send({ ...message, url: `http://127.0.0.1:${port}/` })).toMatchObject({ error: 'address_refused' });
  expect(connections()).toBe(1);
});

it('tells a name that does not exist and a server without TLS apart', async () => {
  const { port } = await startServer();
  const send = createWebhookSender({ allowedHosts: ['127.0.0.1', 'nowhere.invalid'] });
  expect(await send({ ...message, url: 'https://nowhere.invalid/' })).toMatchObject({ error: 'dns_failed' });
  expect(await send({ ...message, url: `https://127.0.0.1:${port}/` })).toMatchObject({ error: 'tls_failed' });
  expect(await send({ ...message, url: 'http://127.0.0.1:1/' })).toMatchObject({ error: 'connection_failed' });
});

it('rejects when the caller gives up, as nobody knows then what became of it', async () => {
  const { port } = await startServer();
  const send = createWebhookSender({ allowedHosts: ['127.0.0.1'] });
  await expect(send({ ...message, url: `http://127.0.0.1:${port}/` }, AbortSignal.abort())).rejects.toThrow(/abort/i);
});

it('knows which addresses are public', () => {
  const own = [
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.31.0.1',
    '192.168.1.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
  ];
  const six = ['::1', '::', 'fe80::1', 'fec0::1', 'fc00::1', 'fd12::1', 'ff02::1', '::ffff:10.0.0.1', '::10.0.0.1'];
  const tunnels = ['64:ff9b::10.0.0.1', '64:ff9b:1::1', '2002:a00:1::', '2001:0:a00:1::', '2001:db8::1'];
  expect([...own, ...six, ...tunnels].filter(isPublic)).toEqual([]);
  const open = ['1.1.1.1', '172.32.0.1', '192.169.0.1', '2606:4700::1111', '::ffff:1.1.1.1', 'shop.example'];
  expect(open.filter((host) => !isPublic(host))).toEqual([]);
});

it('keeps of an answer the word for machines, and nothing that may be about people', () => {
  expect(machineWord('{"code":"invalid_signature"}')).toBe('invalid_signature');
  expect(machineWord('{"error":"Ada is unknown","type":"not_found"}')).toBe('not_found');
  for (const body of [
    '{"error":"ada"}',
    '{"message":"no_such_user"}',
    '"oops_this"',
    '<html>',
    '',
    'null',
    '{"code":7}',
  ]) {
    expect([body, machineWord(body)]).toEqual([body, undefined]);
  }
});
