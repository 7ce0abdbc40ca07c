import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ClientFrame, ServerFrame } from '../../../contracts/frames.ts';
import { Connection, type ConnectionStatus } from '../../../widget/transport/connection.ts';
import { NetworkError, RefusedError } from '../../../widget/transport/errors.ts';
import type { SocketHandlers } from '../../../widget/transport/openWebSocket.ts';

/** One end of a socket: what the widget wrote, and the handlers to answer with. */
interface Line extends SocketHandlers {
  frames: ClientFrame[];
  closed: boolean;
}

function createHarness() {
  const lines: Line[] = [];
  const statuses: ConnectionStatus[] = [];
  let issued = 0;
  const authorise = vi.fn<() => Promise<string>>(async () => `token-${(issued += 1)}`);
  let since = 0;
  const connection = new Connection({
    authorise,
    since: () => since,
    onStatus: (status) => statuses.push(status),
    onFrame: (frame) => {
      if (frame.type === 'message') since = frame.seq;
    },
    random: () => 1,
    openSocket: (handlers) => {
      const line: Line = { ...handlers, frames: [], closed: false };
      lines.push(line);
      return {
        send: (text) => line.frames.push(JSON.parse(text)),
        close: () => {
          line.closed = true;
        },
      };
    },
  });
  return {
    connection,
    statuses,
    authorise,
    lines,
    get line(): Line {
      const last = lines[lines.length - 1];
      if (!last) throw new Error('No socket was opened');
      return last;
    },
    push(frame: ServerFrame) {
      this.line.onText(JSON.stringify(frame));
    },
    async comeOnline() {
      await vi.advanceTimersByTimeAsync(0);
      this.line.onOpen();
      this.push({ type: 'ready', conversationId: 'c', lastSeq: 0 });
    },
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('authenticates with its first frame and is online when the server is ready', async () => {
  const harness = createHarness();
  harness.connection.start();
  await vi.advanceTimersByTimeAsync(0);
  harness.line.onOpen();
  expect(harness.line.frames).toEqual([{ type: 'auth', token: 'token-1', since: 0 }]);
  expect(harness.connection.send({ type: 'ping' })).toBe(false);
  harness.push({ type: 'ready', conversationId: 'c', lastSeq: 0 });
  expect(harness.statuses).toEqual(['connecting', 'online']);
  expect(harness.connection.send({ type: 'ping' })).toBe(true);
});

test('comes back with a fresh token and asks for what it lacks', async () => {
  const harness = createHarness();
  harness.connection.start();
  await harness.comeOnline();
  const author = { kind: 'bot' } as const;
  const createdAt = '2026-01-01T00:00:00Z';
  harness.push({ type: 'message', id: 'm', seq: 7, direction: 'OUTBOUND', author, text: 'hi', createdAt });
  harness.line.onClose(1006);
  expect(harness.statuses).toEqual(['connecting', 'online', 'waiting']);
  await vi.advanceTimersByTimeAsync(400);
  harness.line.onOpen();
  expect(harness.line.frames).toEqual([{ type: 'auth', token: 'token-2', since: 7 }]);
});

test('waits twice as long each time, up to half a minute, and starts anew after a stable connection', async () => {
  const harness = createHarness();
  const waits: number[] = [];
  harness.authorise.mockRejectedValue(new NetworkError());
  harness.connection.start();
  for (let count = 0; count < 9; count += 1) {
    await vi.advanceTimersByTimeAsync(0);
    const calls = harness.authorise.mock.calls.length;
    const from = Date.now();
    while (harness.authorise.mock.calls.length === calls) await vi.advanceTimersByTimeAsync(100);
    waits.push(Date.now() - from);
  }
  expect(waits).toEqual([400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);

  harness.authorise.mockResolvedValue('token');
  await vi.advanceTimersByTimeAsync(30_000);
  await harness.comeOnline();
  await vi.advanceTimersByTimeAsync(6_000);
  harness.line.onClose(1006);
  const calls = harness.authorise.mock.calls.length;
  await vi.advanceTimersByTimeAsync(400);
  expect(harness.authorise.mock.calls.length).toBe(calls + 1);
});

test('waits at least as long as a 503 asks', async () => {
  const harness = createHarness();
  harness.authorise.mockRejectedValueOnce(new RefusedError(503, 'engine_unavailable', 5));
  harness.connection.start();
  await vi.advanceTimersByTimeAsync(5_300);
  expect(harness.authorise).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(100);
  expect(harness.authorise).toHaveBeenCalledTimes(2);
});

describe('gives up', () => {
  test('when the page may not use the site', async () => {
    const harness = createHarness();
    harness.authorise.mockRejectedValueOnce(new RefusedError(403, 'origin_not_allowed'));
    harness.connection.start();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(harness.statuses).toEqual(['connecting', 'refused']);
    expect(harness.authorise).toHaveBeenCalledTimes(1);
  });

  test('when the socket is closed as forbidden', async () => {
    const harness = createHarness();
    harness.connection.start();
    await harness.comeOnline();
    harness.line.onClose(4403);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(harness.lines).toHaveLength(1);
  });
});

test('an expired token ends the socket and a fresh one opens the next', async () => {
  const harness = createHarness();
  harness.connection.start();
  await harness.comeOnline();
  harness.push({ type: 'error', code: 'token_expired', message: '' });
  expect(harness.lines[0]?.closed).toBe(true);
  await vi.advanceTimersByTimeAsync(400);
  await harness.comeOnline();
  expect(harness.line.frames[0]).toMatchObject({ token: 'token-2' });
});

test('renews its token on the same socket before the server would end it', async () => {
  const harness = createHarness();
  harness.connection.start();
  await harness.comeOnline();
  const end = Date.now() + 30 * 60_000;
  for (let answered = 1; Date.now() < end; ) {
    await vi.advanceTimersByTimeAsync(5_000);
    for (const { type } of harness.line.frames.slice(answered)) {
      harness.push(type === 'auth' ? { type: 'ready', conversationId: 'c', lastSeq: 0 } : { type: 'pong' });
      answered += 1;
    }
  }
  expect(harness.lines).toHaveLength(1);
  const tokens = harness.line.frames.flatMap((frame) => (frame.type === 'auth' ? [frame.token] : []));
  expect(tokens).toEqual(['token-1', 'token-2', 'token-3', 'token-4']);
});

test('leaves a socket alone whose token could not be renewed', async () => {
  const harness = createHarness();
  harness.connection.start();
  await harness.comeOnline();
  harness.authorise.mockRejectedValueOnce(new NetworkError());
  for (let count = 0; count < 24; count += 1) {
    await vi.advanceTimersByTimeAsync(25_000);
    harness.push({ type: 'pong' });
  }
  expect(harness.authorise).toHaveBeenCalledTimes(2);
  expect(harness.statuses).toEqual(['connecting', 'online']);
});

test('pings, and takes silence for death', async () => {
  const harness = createHarness();
  harness.connection.start();
  await harness.comeOnline();
  await vi.advanceTimersByTimeAsync(25_000);
  expect(harness.line.frames[1]).toEqual({ type: 'ping' });
  harness.push({ type: 'pong' });
  await vi.advanceTimersByTimeAsync(25_000);
  expect(harness.lines).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(8_000);
  expect(harness.lines[0]?.closed).toBe(true);
  expect(harness.statuses.slice(-1)).toEqual(['waiting']);
});

test('gives up a server that accepts but never is ready', async () => {
  const harness = createHarness();
  harness.connection.start();
  await vi.advanceTimersByTimeAsync(0);
  harness.line.onOpen();
  await vi.advanceTimersByTimeAsync(12_000);
  expect(harness.lines[0]?.closed).toBe(true);
});

test('tries at once when the page comes back, and probes a socket that looks alive', async () => {
  const harness = createHarness();
  harness.authorise.mockRejectedValueOnce(new RefusedError(503, 'engine_unavailable', 60));
  harness.connection.start();
  await vi.advanceTimersByTimeAsync(0);
  harness.connection.wake();
  await harness.comeOnline();
  harness.connection.wake();
  expect(harness.line.frames[1]).toEqual({ type: 'ping' });
});

test('hears nothing of a socket that it gave up', async () => {
  const harness = createHarness();
  harness.connection.start();
  await harness.comeOnline();
  const old = harness.line;
  harness.connection.restart();
  old.onClose(1006);
  old.onText(JSON.stringify({ type: 'ready', conversationId: 'c', lastSeq: 0 }));
  expect(harness.statuses).toEqual(['connecting', 'online', 'waiting']);
  harness.connection.stop();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(harness.lines).toHaveLength(1);
});
