import type { LookupAddress } from 'node:dns';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { createProviderFetch } from '../../../api/people/oidc/providerFetch.ts';
import { lookupPublic, PrivateAddressError } from '../../../channels/publicAddress.ts';
import { createWebhookSender } from '../../../channels/webhook/sendWebhook.ts';
import { makeWebhookSecret } from '../../../channels/webhook/webhookSecret.ts';

/** What the machine's resolver says of `rebind.example`, one answer after the other, the last for ever. */
const answers: string[][] = [];

vi.mock('node:dns', async (original) => {
  const dns = await original<typeof import('node:dns')>();
  const lookup = (name: string, options: object, callback: (error: Error | null, found: LookupAddress[]) => void) => {
    if (name !== 'rebind.example') return dns.lookup(name, { ...options, all: true }, callback);
    const [answer = []] = answers.length > 1 ? answers.splice(0, 1) : answers;
    callback(
      null,
      answer.map((address) => ({ address, family: isIP(address) })),
    );
  };
  return { ...dns, lookup };
});

let server: Server;
let port: number;
let connections = 0;
beforeAll(async () => {
  server = createServer((_request, response) => response.end());
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  ({ port } = server.address() as AddressInfo);
});
beforeEach(() => void answers.splice(0));
afterAll(() => void server.close());

const send = createWebhookSender({ allowedHosts: [] });
const message = { id: 'one', body: '{}', secrets: [makeWebhookSecret()] };

const lookUp = (all: boolean) =>
  new Promise<unknown>((resolve, reject) => {
    lookupPublic('rebind.example', { all }, (error, found) => (error ? reject(error) : resolve(found)));
  });

it.each([
  '127.0.0.1',
  '0.0.0.0',
  '10.0.0.7',
  '169.254.169.254',
  '::1',
  '::',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  'fe80::1',
  'fd00:ec2::254',
  '64:ff9b::7f00:1',
])('a name that led to a public address and leads to %s when it is connected to is refused', async (address) => {
  answers.push(['93.184.216.34'], [address]);
  expect(await lookUp(true)).toEqual([{ address: '93.184.216.34', family: 4 }]);
  const url = `https://rebind.example:${port}/`;
  expect(await send({ ...message, url })).toMatchObject({ error: 'address_refused' });
  const guarded = createProviderFetch({ allowPrivate: false });
  await expect(guarded(url, { method: 'GET', headers: {}, body: undefined, redirect: 'manual' })).rejects.toThrow(
    PrivateAddressError,
  );
  expect(connections).toBe(0);
});

it('of several addresses the connection is given the public ones alone', async () => {
  answers.push(['10.0.0.7', '2606:4700::1111', '::ffff:10.0.0.7', '93.184.216.34']);
  expect(await lookUp(true)).toEqual([
    { address: '2606:4700::1111', family: 6 },
    { address: '93.184.216.34', family: 4 },
  ]);
  expect(await lookUp(false)).toBe('2606:4700::1111');
});

it('an address of the own network is one in whatever way it is written', async () => {
  const loopback = ['127.1', '0x7f.1', '0177.0.0.1', '017700000001', '2130706433', '127.0.0.1.', '１２７.0.0.1'];
  const six = ['[::ffff:7f00:1]', '[0:0:0:0:0:ffff:127.0.0.1]', '[::7f00:1]', '[::ffff:a9fe:a9fe]', '[fe80::1]'];
  const others = ['0', '0.0.0.0', '2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '169.254.43518', '10.1'];
  for (const host of [...loopback, ...six, ...others]) {
    const url = `https://${host}:${port}/`;
    expect([host, await send({ ...message, url })]).toEqual([
      host,
      { error: 'address_refused', durationMs: expect.any(Number) },
    ]);
  }
  expect(connections).toBe(0);
});
