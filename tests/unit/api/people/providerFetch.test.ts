import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProviderFetch } from '../../../../api/people/oidc/providerFetch.ts';

const MEGABYTE = 'x'.repeat(1024 * 1024);

let server: Server;
let url: string;
let requests = 0;
beforeAll(async () => {
  server = createServer((request, response) => {
    requests += 1;
    if (request.url === '/large') return void response.end(MEGABYTE);
    if (request.url === '/moved') return void response.writeHead(302, { location: '/answer' }).end();
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"answer":true}');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

const GET = { method: 'GET', headers: {}, body: undefined, redirect: 'manual' } as const;
const open = createProviderFetch({ allowPrivate: true });
const guarded = createProviderFetch({ allowPrivate: false });

it('gives answers as fetch does, and follows no redirect', async () => {
  const answer = await open(`${url}/answer`, GET);
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(await answer.json()).toEqual({ answer: true });
  expect((await open(`${url}/moved`, GET)).status).toBe(302);
});

it('takes no endless answer', async () => {
  await expect(open(`${url}/large`, GET)).rejects.toThrow(/too large/);
});

it('asks nothing of the own network, by whatever name', async () => {
  const before = requests;
  const { port } = new URL(url);
  const own = [url, 'https://127.0.0.1/', 'https://[::1]/', 'https://10.0.0.1/', 'https://169.254.169.254/latest'];
  for (const address of own) await expect(guarded(address, GET)).rejects.toThrow(/public https/);
  await expect(guarded(`https://localhost:${port}/`, GET)).rejects.toThrow(/no public address/);
  expect(requests).toBe(before);
});
