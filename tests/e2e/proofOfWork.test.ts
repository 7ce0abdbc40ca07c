import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { sites } from '../../db/schema/sites.ts';
import { withTenant } from '../../db/withTenant.ts';
import { buildWidget } from '../../widget/build.ts';
import { solve } from '../../widget/transport/proofOfWork.ts';
import { type Stack, startStack } from '../api/support/stack.ts';
import { readConfig, request } from '../api/support/visitor.ts';
import { launchChromium } from './launchChromium.ts';
import { write } from './useWidget.ts';

let folder: string;
let stack: Stack;
let api: RunningApi;
let shop: Server;
let origin: string;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-work-'));
  const { file } = await buildWidget({ outDir: folder, minify: true });
  stack = await startStack();
  const { siteKey } = stack.site;
  shop = await serveShop(
    file,
    () => `<script src="/widget.js" data-site-key="${siteKey}" data-api="${api.url}"></script>`,
  );
  origin = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
  await withTenant(stack.db, DEFAULT_TENANT_ID, (tx) =>
    tx
      .update(sites)
      .set({ protection: 'under_attack', allowedOrigins: [origin] })
      .where(eq(sites.key, siteKey)),
  );
  api = await stack.startApi();
  await stack.startWorker();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  shop.close();
  await stack.stop();
  await rm(folder, { recursive: true });
});

/** A page that forbids what a careful shop forbids: inline scripts, and workers of any kind. */
async function serveShop(widgetFile: string, script: () => string): Promise<Server> {
  const widget = await readFile(widgetFile);
  const policy = "script-src 'self'; worker-src 'none'";
  const server = createServer(({ url }, response) => {
    if (url === '/widget.js') return response.setHeader('content-type', 'text/javascript').end(widget);
    const headers = { 'content-type': 'text/html', 'content-security-policy': policy };
    return response.writeHead(200, headers).end(`<!doctype html><title>Shop</title>${script()}`);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

/** Paths of the API that the page asked for with POST, with what was sent. */
function watchPosts(page: Page): { path: string; body: Record<string, unknown> }[] {
  const posts: { path: string; body: Record<string, unknown> }[] = [];
  page.on('request', (sent) => {
    if (sent.method() !== 'POST') return;
    posts.push({ path: new URL(sent.url()).pathname, body: sent.postDataJSON() as Record<string, unknown> });
  });
  return posts;
}

test('a visitor of a site under attack gets through: the widget does the work', async () => {
  const page = await browser.newPage();
  const posts = watchPosts(page);
  await page.goto(origin);
  await page.getByRole('button', { name: 'Open chat' }).click();
  await write(page, 'Am I let in?');
  await page.locator('.bubble', { hasText: 'Hello!' }).waitFor();
  expect(posts).toEqual([
    { path: '/v1/webchat/init', body: expect.objectContaining({ proofOfWork: expect.any(Array) }) },
  ]);
  await page.close();
});

test('a client that does no work, or another challenge’s, is refused', async () => {
  const { siteKey } = stack.site;
  const init = async (work?: (challenge: string) => Promise<number[]>) => {
    const { challenge } = await readConfig(api.url, siteKey, origin);
    const proofOfWork = await work?.(challenge);
    const body = { siteKey, challenge, proofOfWork };
    return request(`${api.url}/v1/webchat/init`, { origin, body });
  };
  const { proofOfWork } = await readConfig(api.url, siteKey, origin);
  expect(proofOfWork.required).toBe(true);
  expect(await init()).toMatchObject({ status: 403, body: { code: 'pow_required' } });
  expect(await init(async () => [1, 2, 3])).toMatchObject({ status: 403, body: { code: 'pow_invalid' } });
  expect(await init((challenge) => solve(`${challenge}.`, proofOfWork))).toMatchObject({
    status: 403,
    body: { code: 'pow_invalid' },
  });
  expect(await init((challenge) => solve(challenge, proofOfWork))).toMatchObject({ status: 200 });
});
