import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { DUE, expectBubbles, expectStatus, useWidget, write } from './useWidget.ts';

const { startStub, visit, openChat } = useWidget();

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
