import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LiveStream } from '../../../api/ws/liveStream.ts';
import type { ServerFrame } from '../../../contracts/frames.ts';
import type { Message } from '../../../contracts/message.ts';

const REF = { tenantId: randomUUID(), conversationId: randomUUID() };

function message(seq: number, clientMessageId?: string): Message {
  const createdAt = new Date(0).toISOString();
  return {
    id: randomUUID(),
    seq,
    clientMessageId,
    direction: 'INBOUND',
    author: { kind: 'visitor' },
    text: `${seq}`,
    createdAt,
  };
}

const frame = (seq: number, clientMessageId?: string): ServerFrame => ({
  type: 'message',
  ...message(seq, clientMessageId),
});

function openStream(since = 0) {
  const sent: ServerFrame[] = [];
  const stream = new LiveStream(REF, since, (next) => sent.push(next));
  const seqs = () => sent.flatMap((next) => (next.type === 'message' ? [next.seq] : []));
  return { stream, sent, seqs };
}

const answer = (seq: number): ServerFrame => ({
  type: 'message',
  ...message(seq),
  direction: 'OUTBOUND',
  author: { kind: 'ai' },
});
const typing = (active: boolean): ServerFrame => ({ type: 'typing', active, author: 'ai' });

describe('a live stream', () => {
  it('holds live frames back until the backfill is done, and sends none twice', () => {
    const { stream, seqs } = openStream(2);
    stream.offer([frame(4), frame(5)]);
    stream.deliver([message(3), message(4)]);
    expect(seqs()).toEqual([3, 4]);
    stream.goLive();
    expect(seqs()).toEqual([3, 4, 5]);
    expect(stream.readAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('asks for Postgres when a message is missing, and does not run ahead of it', () => {
    const { stream, seqs } = openStream();
    stream.goLive();
    stream.offer([frame(1), frame(3)]);
    expect(seqs()).toEqual([1]);
    expect(stream.readAt).toBe(0);
    stream.startRead();
    stream.deliver([message(2), message(3)]);
    expect(seqs()).toEqual([1, 2, 3]);
    expect(stream.readAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('says typing before each answer of which nothing was seen yet, but not in the backfill', () => {
    const { stream, sent } = openStream();
    stream.deliver([{ ...message(1), author: { kind: 'ai' } }]);
    stream.goLive();
    stream.offer([typing(true), typing(false), answer(2), answer(3)]);
    expect(sent.map((next) => (next.type === 'typing' ? next.active : next.type === 'message' && next.seq))).toEqual([
      ...[1, true, false, 2],
      ...[true, false, 3],
    ]);
  });

  it('goes on after what was deleted', () => {
    const { stream, seqs } = openStream();
    stream.goLive();
    stream.offer([frame(1), { type: 'conversation_reset', upToSeq: 5 }, frame(6)]);
    expect(seqs()).toEqual([1, 6]);
    expect(stream.readAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('asks for Postgres when the echo of an acknowledged message does not come, and only then', () => {
    const { stream } = openStream();
    stream.goLive();
    const id = randomUUID();
    stream.expectEcho(id);
    expect(stream.readAt).toBeLessThanOrEqual(Date.now() + 1_500);
    stream.offer([frame(1, id)]);
    expect(stream.readAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('passes on what is no message at once', () => {
    const { stream, sent } = openStream();
    stream.goLive();
    const delta: ServerFrame = { type: 'message_delta', draftId: randomUUID(), offset: 0, text: 'He' };
    stream.offer([delta]);
    expect(sent).toEqual([delta]);
  });

  it('sends every message once and in order, whatever the hub loses, repeats and mixes up', () => {
    const seq = fc.integer({ min: 1, max: 20 });
    const step = fc.oneof(
      fc.record({ kind: fc.constant('offer' as const), seqs: fc.array(seq, { maxLength: 6 }) }),
      fc.record({ kind: fc.constant('read' as const), upTo: seq }),
      fc.record({ kind: fc.constant('live' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { stream, seqs } = openStream();
        const read = (upTo: number) => {
          const from = stream.sentSeq;
          stream.startRead();
          stream.deliver(Array.from({ length: Math.max(0, upTo - from) }, (_, index) => message(from + index + 1)));
        };
        for (const next of steps) {
          if (next.kind === 'offer') stream.offer(next.seqs.map((value) => frame(value)));
          else if (next.kind === 'read') read(next.upTo);
          else stream.goLive();
        }
        read(20);
        expect(seqs()).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      }),
    );
  });
});
