import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ClientFrame, ServerFrame } from '../../../contracts/frames.ts';
import type { MessagesPage } from '../../../contracts/webchat.ts';
import { Session } from '../../../widget/session.ts';
import { reduce } from '../../../widget/state/reduce.ts';
import { type Action, INITIAL_STATE, type WidgetState } from '../../../widget/state/types.ts';
import { createStore } from '../../../widget/store.ts';
import { Connection } from '../../../widget/transport/connection.ts';
import { NetworkError, RefusedError } from '../../../widget/transport/errors.ts';
import type { SocketHandlers } from '../../../widget/transport/openWebSocket.ts';
import { message } from './states.ts';

/** A session whose server is the test: `lines` are the sockets that it opened, the last one first. */
function createHarness() {
  const store = createStore<WidgetState, Action>(reduce, INITIAL_STATE);
  const lines: (SocketHandlers & { frames: ClientFrame[] })[] = [];
  const server = {
    conversationId: 'c1',
    upload: async (_id: string, _onProgress: (share: number) => void): Promise<void> => {},
    page: Promise.resolve<MessagesPage>({ messages: [], lastSeq: 0, hasMore: false, closed: null }),
  };
  const session = new Session({
    store,
    messageLength: 100,
    shelf: { put: () => {}, upload: (id, _token, onProgress) => server.upload(id, onProgress) },
    authorise: async () => ({ token: 't', expiresAt: '', conversationId: server.conversationId }),
    loadMessages: () => server.page,
    connect: (own) =>
      new Connection({
        ...own,
        random: () => 0,
        openSocket: (handlers) => {
          const frames: ClientFrame[] = [];
          lines.unshift({ ...handlers, frames });
          return { send: (text) => frames.push(JSON.parse(text)), close: () => {} };
        },
      }),
  });
  const push = (frame: ServerFrame) => lines[0]?.onText(JSON.stringify(frame));
  const sent = () => lines.flatMap(({ frames }) => frames).filter((frame) => frame.type === 'message');
  return {
    store,
    session,
    server,
    lines,
    push,
    sent,
    async comeOnline() {
      await vi.advanceTimersByTimeAsync(0);
      lines[0]?.onOpen();
      push({ type: 'ready', conversationId: server.conversationId, lastSeq: 0 });
    },
    async reconnect() {
      lines[0]?.onClose(1006);
      await vi.advanceTimersByTimeAsync(1_000);
      await this.comeOnline();
    },
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('sends one message at a time, the refused one first, and all that is not echoed again after a reconnect', async () => {
  const harness = createHarness();
  harness.session.start();
  await harness.comeOnline();
  for (const text of ['one', 'two']) expect(harness.session.send(text)).toBe('queued');
  expect(harness.sent().map(({ text }) => text)).toEqual(['one']);
  harness.push({ type: 'error', code: 'engine_unavailable', message: '', retryAfter: 2 });
  await vi.advanceTimersByTimeAsync(1_900);
  expect(harness.sent()).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(200);
  const [first, again] = harness.sent();
  expect(again).toEqual(first);
  harness.push({ type: 'ack', clientMessageId: first?.clientMessageId ?? '' });
  expect(harness.sent().map(({ text }) => text)).toEqual(['one', 'one', 'two']);
  await harness.reconnect();
  expect(harness.lines[0]?.frames.slice(1)).toEqual([first]);
});

test('says a refused rating again after the pause that it was told, and holds up no message meanwhile', async () => {
  const harness = createHarness();
  harness.session.start();
  await harness.comeOnline();
  const { push, store } = harness;
  const ratings = () => harness.lines.flatMap(({ frames }) => frames).filter(({ type }) => type === 'rate').length;
  const refuse = () => push({ type: 'error', code: 'engine_unavailable', message: '', retryAfter: 2, frame: 'rate' });
  push({ type: 'conversation_closed' });
  store.dispatch({ type: 'rate', rating: 4 });
  refuse();
  await vi.advanceTimersByTimeAsync(1_900);
  expect(ratings()).toBe(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(ratings()).toBe(2);
  refuse();
  harness.session.send('One more thing');
  expect(harness.sent().map(({ text }) => text)).toEqual(['One more thing']);
  expect(ratings()).toBe(2);
  harness.session.stop();
});

test('shows nothing of a conversation that was replaced while its messages were read', async () => {
  const harness = createHarness();
  let answer: (page: MessagesPage) => void = () => {};
  harness.server.page = new Promise((resolve) => {
    answer = resolve;
  });
  harness.session.start();
  await harness.comeOnline();
  harness.push({ type: 'message', ...message(2) });
  await vi.advanceTimersByTimeAsync(300);
  harness.server.conversationId = 'c2';
  await harness.reconnect();
  answer({ messages: [message(1), message(2)], lastSeq: 2, hasMore: false, closed: null });
  await vi.advanceTimersByTimeAsync(0);
  expect(harness.store.get()).toMatchObject({ conversationId: 'c2', messages: [], contiguousSeq: 0 });
});

test('says a receipt again that it wrote shortly before the socket ended, and no older one', async () => {
  const harness = createHarness();
  harness.session.start();
  await harness.comeOnline();
  harness.push({ type: 'message', ...message(1, { author: { kind: 'agent' }, direction: 'OUTBOUND' }) });
  const receipts = () => harness.lines.map(({ frames }) => frames.filter(({ type }) => type === 'receipt').length);
  expect(receipts()).toEqual([1]);
  await harness.reconnect();
  expect(receipts()).toEqual([1, 1]);
  vi.setSystemTime(Date.now() + 61_000);
  await harness.reconnect();
  expect(receipts()).toEqual([0, 1, 1]);
  harness.session.stop();
});

test('gives up a socket that swallows a message', async () => {
  const harness = createHarness();
  harness.session.start();
  await harness.comeOnline();
  harness.session.send('Anybody?');
  await vi.advanceTimersByTimeAsync(16_000);
  expect(harness.lines).toHaveLength(2);
  await harness.comeOnline();
  expect(harness.sent()).toHaveLength(2);
});

test('sends a file before the message that carries it, and again when the line broke', async () => {
  const harness = createHarness();
  const uploads: string[] = [];
  harness.server.upload = async (id, onProgress) => {
    uploads.push(id);
    onProgress(0.5);
    if (uploads.length === 1) throw new NetworkError();
  };
  harness.session.start();
  harness.session.send('', { files: [new File(['x'], 'a.png', { type: 'image/png' })] });
  harness.session.send('after it');
  expect(uploads).toEqual([]);
  await harness.comeOnline();
  await vi.advanceTimersByTimeAsync(0);
  expect(harness.store.get().outgoing[0]?.files?.[0]).toMatchObject({ progress: 0.5, uploaded: false });
  expect(harness.sent()).toEqual([]);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(uploads).toEqual([uploads[0], uploads[0]]);
  expect(harness.sent()).toEqual([expect.objectContaining({ text: '', attachments: [uploads[0]] })]);
});

test('says why a file was refused, and holds up nobody else', async () => {
  const harness = createHarness();
  harness.server.upload = async () => {
    throw new RefusedError(413, 'file_quota_exceeded');
  };
  harness.session.start();
  await harness.comeOnline();
  harness.session.send('', { files: [new File(['x'], 'a.png')] });
  harness.session.send('after it');
  await vi.advanceTimersByTimeAsync(0);
  expect(harness.store.get().outgoing[0]).toMatchObject({ phase: 'failed', failure: 'file_quota_exceeded' });
  expect(harness.sent().map(({ text }) => text)).toEqual(['after it']);
});
