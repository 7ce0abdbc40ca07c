import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { demoPageDir } from '../../dev/demo/demoPageDir.ts';
import { buildWidget } from '../../widget/build.ts';
import { launchChromium } from './launchChromium.ts';
import { WidgetStub, type WidgetStubOptions } from './widgetStub.ts';

/** Longest wait for something that is due; the widget's slowest retry in these tests comes after about two seconds. */
const DUE = { timeout: 15_000 };

let browser: Browser;
let outDir: string;
let widgetFile: string;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  outDir = await mkdtemp(join(tmpdir(), 'parley-widget-'));
  widgetFile = (await buildWidget({ outDir, minify: true })).file;
  browser = await launchChromium();
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

afterAll(async () => {
  await browser.close();
  await rm(outDir, { recursive: true });
});

async function startStub(options: Partial<WidgetStubOptions> = {}): Promise<WidgetStub> {
  const stub = new WidgetStub({ widgetFile, pageDir: demoPageDir, ...options });
  await stub.listen();
  cleanups.push(() => stub.close());
  return stub;
}

/** A visitor's page; a script error or a breach of the page's policy fails the test that caused it. */
async function visit(stub: WidgetStub, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  const problems: string[] = [];
  cleanups.push(async () => {
    await context.close();
    expect(problems).toEqual([]);
  });
  const page = await context.newPage();
  page.on('pageerror', ({ message }) => problems.push(message));
  page.on('console', (entry) => {
    if (entry.text().includes('Content Security Policy')) problems.push(entry.text());
  });
  await page.goto(`${stub.url}/`);
  return page;
}

async function openChat(stub: WidgetStub, options?: BrowserContextOptions): Promise<Page> {
  const page = await visit(stub, options);
  await page.getByRole('button', { name: 'Open chat' }).click();
  await expect.poll(() => stub.connects, DUE).toBe(1);
  return page;
}

async function write(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox').fill(text);
  await page.getByRole('textbox').press('Enter');
}

/** The texts of all bubbles, without the welcome. */
async function bubbles(page: Page): Promise<string[]> {
  return (await page.locator('.bubble').allInnerTexts()).slice(1).map((text) => text.trim());
}

const expectBubbles = (page: Page, texts: string[]) => expect.poll(() => bubbles(page), DUE).toEqual(texts);
const expectStatus = (page: Page, status: string) =>
  expect.poll(() => page.locator('[data-status]').innerText(), DUE).toBe(status);

test('asks for nothing but the config until the panel opens, and keeps nothing but the conversation id', async () => {
  const stub = await startStub();
  const page = await visit(stub);
  await page.getByRole('button', { name: 'Open chat' }).waitFor();
  expect(stub.requests).toEqual(['GET /v1/webchat/config']);
  expect(await page.evaluate(() => window.localStorage.length)).toBe(0);

  await page.getByRole('button', { name: 'Open chat' }).click();
  await expect.poll(() => stub.connects, DUE).toBe(1);

  expect(stub.requests).toEqual(['GET /v1/webchat/config', 'POST /v1/webchat/init']);
  expect(await page.evaluate(() => Object.entries(window.localStorage))).toEqual([
    ['parley:demo:conversation', stub.conversationId],
  ]);
});

test('shows a message at once and takes it from sending to read', async () => {
  const stub = await startStub();
  stub.onMessage = () => {};
  const page = await openChat(stub);
  await write(page, 'Hello');
  await expectBubbles(page, ['Hello']);
  await expectStatus(page, 'Sending…');

  await expect.poll(() => stub.sentTexts(), DUE).toEqual(['Hello']);
  const frame = stub.received.find(({ type }) => type === 'message');
  if (frame?.type !== 'message') throw new Error('No message came');
  stub.ack(frame);
  await expectStatus(page, 'Sent');
  stub.echo(frame);
  await expectStatus(page, 'Delivered');
  stub.push({ type: 'receipt', upToSeq: 1, status: 'read' });
  await expectStatus(page, 'Read');
  await expectBubbles(page, ['Hello']);
});

test('sends an unacknowledged message again under the same id after the connection dropped', async () => {
  const stub = await startStub();
  stub.onMessage = () => stub.drop();
  const page = await openChat(stub);
  await write(page, 'first');
  await write(page, 'second');
  await expect.poll(() => stub.received.length, DUE).toBeGreaterThan(2);
  stub.onMessage = (frame) => stub.accept(frame);

  await expectBubbles(page, ['first', 'second']);
  await expectStatus(page, 'Delivered');
  expect(stub.messages.map(({ text }) => text)).toEqual(['first', 'second']);
  const ids = stub.received.flatMap((frame) => (frame.type === 'message' ? [frame.clientMessageId] : []));
  expect(ids.length).toBeGreaterThan(2);
  expect(new Set(ids).size).toBe(2);
  expect(stub.requests.filter((request) => request === 'POST /v1/webchat/init')).toHaveLength(1);
  expect(stub.requests.filter((request) => request === 'POST /v1/webchat/token')).toHaveLength(stub.connects - 1);
});

test('sends an acknowledged message again when its echo was lost with the connection', async () => {
  const stub = await startStub();
  stub.onMessage = (frame) => {
    stub.ack(frame);
    stub.drop();
  };
  const page = await openChat(stub);
  await write(page, 'still there?');
  await expect.poll(() => stub.sentTexts().length, DUE).toBe(1);
  stub.onMessage = (frame) => stub.accept(frame);

  await expectStatus(page, 'Delivered');
  expect(stub.sentTexts()).toEqual(['still there?', 'still there?']);
  await expectBubbles(page, ['still there?']);
});

test('keeps messages in order through a time without server', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  stub.refusal = { status: 503, code: 'engine_unavailable' };
  stub.drop();
  await page.getByText('Connection lost').waitFor();
  for (const text of ['one', 'two', 'three']) await write(page, text);
  await expectStatus(page, 'Sending…');
  stub.refusal = undefined;

  await expect.poll(() => stub.messages.map(({ text }) => text), DUE).toEqual(['one', 'two', 'three']);
  await expectBubbles(page, ['one', 'two', 'three']);
});

test('holds everything back while the engine is unavailable, then sends in order', async () => {
  const stub = await startStub();
  let refusals = 0;
  stub.onMessage = (frame) => {
    refusals += 1;
    if (refusals > 2) stub.accept(frame);
    else {
      const { clientMessageId } = frame;
      stub.push({ type: 'error', code: 'engine_unavailable', message: 'Later', retryAfter: 0.3, clientMessageId });
    }
  };
  const page = await openChat(stub);
  await write(page, 'one');
  await write(page, 'two');

  await expect.poll(() => stub.messages.map(({ text }) => text), DUE).toEqual(['one', 'two']);
  expect(stub.sentTexts()).toEqual(['one', 'one', 'one', 'two']);
  await expectStatus(page, 'Delivered');
  expect(stub.connects).toBe(1);
});

test('streams an answer, drops a discarded attempt, and lets the final message take its place', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  const draftId = uuidv7();
  const delta = (offset: number, text: string) => stub.push({ type: 'message_delta', draftId, offset, text });
  delta(0, 'Wrong ');
  await expectBubbles(page, ['Wrong']);
  stub.push({ type: 'message_discard', draftId });
  await expectBubbles(page, []);

  delta(0, 'Three ');
  delta(6, 'days');
  delta(0, 'Three ');
  await expectBubbles(page, ['Three days']);
  delta(99, 'lost piece before this');
  delta(10, ' late');
  const streamed = await page.locator('.bubble').nth(1).elementHandle();
  stub.say({ id: draftId, text: 'Three **days**, at most.', author: { kind: 'ai' }, sources: [{ title: 'Delivery' }] });

  await expectBubbles(page, ['Three days, at most.']);
  expect(await page.locator('.bubble strong').allInnerTexts()).toEqual(['days']);
  expect(await page.locator('.source').allInnerTexts()).toEqual(['Delivery']);
  expect(await page.evaluate((node) => node?.isConnected, streamed)).toBe(true);
});

test('reads what a hole in seq is missing, and shows no message twice', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  const first = stub.say({ text: 'first' });
  stub.record({ text: 'lost on the way' });
  const third = stub.say({ text: 'third' });
  stub.deliver(third);
  stub.deliver(first);

  await expectBubbles(page, ['first', 'lost on the way', 'third']);
  expect(stub.requests).toContain(`GET /v1/conversations/${stub.conversationId}/messages`);
});

test('asks only for what is new after a reconnect', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  stub.say({ text: 'one' });
  await expectBubbles(page, ['one']);
  stub.drop();
  stub.record({ text: 'two' });

  await expectBubbles(page, ['one', 'two']);
  expect(stub.received.filter(({ type }) => type === 'auth')).toMatchObject([{ since: 0 }, { since: 1 }]);
});

test('finds its conversation again after a reload', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  await write(page, 'remember me');
  await expectStatus(page, 'Delivered');
  await page.reload();
  await expect.poll(() => stub.connects, DUE).toBe(2);
  await page.getByRole('button', { name: 'Open chat' }).click();

  await expectBubbles(page, ['remember me']);
});

test('says what is over the limit and keeps the text', async () => {
  const stub = await startStub({ messageLength: 20 });
  const page = await openChat(stub);
  await write(page, 'x'.repeat(23));
  await page.getByText('3 characters too long').waitFor();
  expect(await page.getByRole('textbox').inputValue()).toBe('x'.repeat(23));
  expect(stub.sentTexts()).toEqual([]);

  stub.refusal = { status: 503, code: 'engine_unavailable' };
  stub.drop();
  for (let count = 0; count < 50; count += 1) await write(page, `queued ${count}`);
  await write(page, 'one too many');
  await page.getByText('Too many messages are waiting').waitFor();
  expect(await page.getByRole('textbox').inputValue()).toBe('one too many');
  expect(await bubbles(page)).toHaveLength(50);
});

test('lets the visitor repeat or remove a message that was refused for good', async () => {
  const stub = await startStub();
  stub.onMessage = ({ clientMessageId }) =>
    stub.push({ type: 'error', code: 'message_too_long', message: 'Too long', clientMessageId });
  const page = await openChat(stub);
  await write(page, 'refused');
  await page.getByText('This message is too long').waitFor();
  await write(page, 'unwanted');
  await expect.poll(() => page.getByRole('button', { name: 'Remove' }).count(), DUE).toBe(2);
  await page.getByRole('button', { name: 'Remove' }).last().click();
  await expectBubbles(page, ['refused']);

  stub.onMessage = (frame) => stub.accept(frame);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expectStatus(page, 'Delivered');
  await expectBubbles(page, ['refused']);
});

test('sends a quick reply with its id and takes the choices away', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  stub.say({ text: 'What is it about?', choices: [{ id: 'order', label: 'My order' }] });
  await page.getByRole('button', { name: 'My order' }).click();

  await expectBubbles(page, ['What is it about?', 'My order']);
  expect(stub.received.filter(({ type }) => type === 'message')).toMatchObject([
    { text: 'My order', choiceId: 'order' },
  ]);
  expect(await page.getByRole('button', { name: 'My order' }).count()).toBe(0);
});

test('counts what is unread while closed, and reports what was read once open', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Open chat' }).waitFor();
  expect(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.className)).toContain('launcher');
  stub.say({ text: 'Are you *there*?', author: { kind: 'agent', name: 'Support' } });
  await page.getByText('Are you there?').first().waitFor();
  const launcher = page.getByRole('button', { name: 'Open chat, 1 unread message' });
  await launcher.waitFor();
  expect(stub.received.some(({ type }) => type === 'read')).toBe(false);

  await launcher.click();
  await expect
    .poll(() => stub.received.filter(({ type }) => type === 'read'), DUE)
    .toEqual([{ type: 'read', upToSeq: 1 }]);
});

test('turns text into text: no markup, no script addresses', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  const hostile = '<img src=x onerror=alert(1)> [press](javascript:alert(1)) [docs](https://example.com/a)';
  stub.say({ text: hostile, sources: [{ title: 'Bad', url: 'javascript:alert(1)' }] });
  await expectBubbles(page, ['<img src=x onerror=alert(1)> [press](javascript:alert(1)) docs']);

  expect(await page.locator('.list img').count()).toBe(0);
  expect(await page.locator('.list a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual([
    'https://example.com/a',
  ]);
});

test('tells when the visitor types, and that it stopped', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  await page.getByRole('textbox').pressSequentially('Hel');
  const typing = () => stub.received.filter(({ type }) => type === 'typing');
  await expect.poll(typing, DUE).toEqual([{ type: 'typing', active: true }]);
  await expect.poll(typing, DUE).toEqual([
    { type: 'typing', active: true },
    { type: 'typing', active: false },
  ]);
});

test('leaves the visitor where they read, and offers the way to what is new', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  for (let count = 0; count < 30; count += 1) stub.say({ text: `line ${count}` });
  await page.getByText('line 29').first().waitFor();
  const atEnd = () =>
    page.locator('.list').evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight < 5);
  await expect.poll(atEnd, DUE).toBe(true);

  await page.locator('.list').evaluate((list) => list.scrollTo(0, 0));
  await expect.poll(atEnd, DUE).toBe(false);
  stub.say({ text: 'news' });
  await page.getByRole('button', { name: 'New messages' }).click();
  await expect.poll(atEnd, DUE).toBe(true);
});

test('fills a small screen, and Tab stays inside', async () => {
  const stub = await startStub();
  const page = await openChat(stub, { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  const panel = page.getByRole('dialog');
  await expect.poll(() => panel.boundingBox(), DUE).toEqual({ x: 0, y: 0, width: 390, height: 844 });
  for (let presses = 0; presses < 8; presses += 1) {
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('PARLEY-WIDGET');
  }
});

test('takes the commands of the page', async () => {
  const stub = await startStub();
  const page = await visit(stub);
  await page.getByRole('button', { name: 'Ask us anything' }).click();
  await page.getByRole('dialog').waitFor();
  await page.evaluate(() => window.Parley?.('remove'));
  expect(await page.locator('parley-widget').count()).toBe(0);
});
