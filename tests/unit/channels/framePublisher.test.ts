import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FramePublisher } from '../../../channels/web/framePublisher.ts';
import type { ServerFrame } from '../../../contracts/frames.ts';

/** What the publisher uses of a connection. */
class FakeConnection extends EventEmitter {
  status = 'connecting';
  readonly sent: string[] = [];
  refuse: Error | undefined;

  async publish(_channel: string, payload: string): Promise<number> {
    if (this.refuse) throw this.refuse;
    this.sent.push(...(JSON.parse(payload) as { text: string }[]).map(({ text }) => text));
    return 1;
  }

  comeBack(): void {
    this.status = 'ready';
    this.refuse = undefined;
    this.emit('ready');
  }
}

describe('a frame publisher', () => {
  let redis: FakeConnection;
  let publisher: FramePublisher;
  const publish = (text: string, copies = 1) => {
    const frame: ServerFrame = { type: 'info_note', text };
    publisher.publish('channel', Array<ServerFrame>(copies).fill(frame));
  };

  beforeEach(() => {
    vi.useFakeTimers();
    redis = new FakeConnection();
    publisher = new FramePublisher(redis as unknown as Redis);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('sends what it kept, in order, when the connection is there', () => {
    publish('a');
    publish('b');
    redis.comeBack();
    publish('c');
    expect(redis.sent).toEqual(['a', 'b', 'c']);
  });

  it('keeps what was under way when the connection broke', async () => {
    redis.comeBack();
    redis.refuse = new Error('Connection is closed.');
    publish('a');
    redis.status = 'reconnecting';
    await vi.advanceTimersByTimeAsync(0);
    publish('b');
    redis.comeBack();
    expect(redis.sent).toEqual(['a', 'b']);
  });

  it('drops what Redis itself refuses, and goes on', async () => {
    redis.comeBack();
    redis.refuse = new Error('OOM command not allowed');
    publish('a');
    await vi.advanceTimersByTimeAsync(0);
    redis.refuse = undefined;
    publish('b');
    expect(redis.sent).toEqual(['b']);
  });

  it('keeps 10,000 frames for 30 s at most, the newest', () => {
    publish('old');
    vi.advanceTimersByTime(30_001);
    publish('lost', 6_000);
    publish('x', 6_000);
    publish('y');
    redis.comeBack();
    expect(new Set(redis.sent)).toEqual(new Set(['x', 'y']));
    expect(redis.sent).toHaveLength(6_001);
  });
});
