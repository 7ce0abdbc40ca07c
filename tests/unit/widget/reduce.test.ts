import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DRAFT_LIFETIME_MS, QUEUE_LIMIT, reduce, TYPING_LIFETIME_MS } from '../../../widget/state/reduce.ts';
import { hasHole, isQueueFull, nextDeadline, nextToSend, unreadCount } from '../../../widget/state/selectors.ts';
import type { Action } from '../../../widget/state/types.ts';
import { after, arrived, echoed, enqueue, frame, message } from './states.ts';

const seqs = (state: ReturnType<typeof after>) => state.messages.map(({ seq }) => seq);
const ids = (state: ReturnType<typeof after>) => state.outgoing.map(({ clientMessageId }) => clientMessageId);

describe('messages', () => {
  test('any order of arrival, with repeats, ends in the same list', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8], { minLength: 8 }), (order) => {
        const state = after(...order.flatMap((seq) => [arrived(seq), arrived(seq)]));
        expect(seqs(state)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
        expect(state.contiguousSeq).toBe(8);
        expect(hasHole(state)).toBe(false);
      }),
    );
  });

  test('a hole keeps `since` below it until it is filled', () => {
    const holed = after(arrived(1), arrived(3));
    expect(holed.contiguousSeq).toBe(1);
    expect(hasHole(holed)).toBe(true);
    const filled = reduce(holed, { type: 'backfill', messages: [message(2), message(3)], lastSeq: 3 });
    expect(seqs(filled)).toEqual([1, 2, 3]);
    expect(hasHole(filled)).toBe(false);
  });

  test('what the server itself no longer has is no hole', () => {
    const state = after(arrived(7), { type: 'backfill', messages: [message(5), message(7)], lastSeq: 7 });
    expect(state.contiguousSeq).toBe(7);
    expect(hasHole(state)).toBe(false);
  });

  test('`ready` tells of messages that never came', () => {
    expect(hasHole(after(frame({ type: 'ready', conversationId: 'c1', lastSeq: 2 })))).toBe(true);
  });

  test('the same client message under two ids is shown once', () => {
    expect(seqs(after(echoed(1, 'a'), arrived(2, { id: 'other', clientMessageId: 'a' })))).toEqual([1]);
  });
});

describe('queue', () => {
  test('one message is in flight at a time; the ack lets the next go', () => {
    const queued = after(enqueue('a'), enqueue('b'));
    expect(nextToSend(queued)?.clientMessageId).toBe('a');
    const written = reduce(queued, { type: 'written', clientMessageId: 'a' });
    expect(nextToSend(written)).toBeUndefined();
    expect(nextToSend(reduce(written, frame({ type: 'ack', clientMessageId: 'a' })))?.clientMessageId).toBe('b');
  });

  test('a lost connection puts back all that was not echoed, acked or not, in order', () => {
    const state = after(
      enqueue('a'),
      { type: 'written', clientMessageId: 'a' },
      frame({ type: 'ack', clientMessageId: 'a' }),
      enqueue('b'),
      { type: 'written', clientMessageId: 'b' },
      { type: 'link', link: 'waiting' },
    );
    expect(state.outgoing.map(({ clientMessageId, phase, acked }) => [clientMessageId, phase, acked])).toEqual([
      ['a', 'waiting', true],
      ['b', 'waiting', false],
    ]);
  });

  test('an echo takes the message out of the queue, even one that failed', () => {
    expect(ids(after(enqueue('a'), enqueue('b'), echoed(1, 'a')))).toEqual(['b']);
  });

  test('a passing refusal keeps the message first in line; a final one fails it and lets the next go', () => {
    const written = after(enqueue('a'), enqueue('b'), { type: 'written', clientMessageId: 'a' });
    const later = reduce(written, frame({ type: 'error', code: 'engine_unavailable', message: '', retryAfter: 1 }));
    expect(nextToSend(later)?.clientMessageId).toBe('a');
    const never = reduce(
      written,
      frame({ type: 'error', code: 'message_too_long', message: '', clientMessageId: 'a' }),
    );
    expect(never.outgoing[0]).toMatchObject({ phase: 'failed', failure: 'message_too_long' });
    expect(nextToSend(never)?.clientMessageId).toBe('b');
  });

  test('a repeated message goes to the end, a removed one away', () => {
    const failed = after(
      enqueue('a'),
      enqueue('b'),
      { type: 'written', clientMessageId: 'a' },
      frame({ type: 'error', code: 'message_too_long', message: '' }),
    );
    expect(ids(reduce(failed, { type: 'retry', clientMessageId: 'a' }))).toEqual(['b', 'a']);
    expect(ids(reduce(failed, { type: 'remove', clientMessageId: 'a' }))).toEqual(['b']);
  });

  test('takes no more than its limit', () => {
    const actions = Array.from({ length: QUEUE_LIMIT + 1 }, (_, index) => enqueue(`m${index}`));
    const state = after(...actions);
    expect(state.outgoing).toHaveLength(QUEUE_LIMIT);
    expect(isQueueFull(state)).toBe(true);
  });

  test('another conversation starts empty but keeps what was never acknowledged', () => {
    const state = after(enqueue('a'), frame({ type: 'ack', clientMessageId: 'a' }), enqueue('b'), arrived(1), {
      type: 'conversation',
      conversationId: 'c2',
    });
    expect(seqs(state)).toEqual([]);
    expect(ids(state)).toEqual(['b']);
    expect(state.contiguousSeq).toBe(0);
  });
});

describe('drafts', () => {
  const delta = (offset: number, text: string, at = 0): Action =>
    frame({ type: 'message_delta', draftId: 'd', offset, text }, at);
  const draftText = (...actions: Action[]) => after(...actions).drafts.map(({ text }) => text);

  test('grows by its pieces, whatever is repeated', () => {
    expect(draftText(delta(0, 'Hello'), delta(5, ' you'), delta(0, 'Hello'), delta(5, ' you'), delta(9, '!'))).toEqual([
      'Hello you!',
    ]);
  });

  test('freezes at a hole until the message itself comes', () => {
    const holed = [delta(0, 'Hello'), delta(9, 'late'), delta(5, ' you')];
    expect(draftText(...holed)).toEqual(['Hello']);
    const done = after(...holed, arrived(1, { id: 'd', text: 'Hello you, late' }));
    expect(done.drafts).toEqual([]);
    expect(done.messages.map(({ text }) => text)).toEqual(['Hello you, late']);
  });

  test('a second attempt from the start replaces the first', () => {
    expect(draftText(delta(0, 'Wrong start'), delta(0, 'Right'), delta(5, ' one'))).toEqual(['Right one']);
  });

  test('is not begun in the middle, nor after its message', () => {
    expect(draftText(delta(3, 'lo'))).toEqual([]);
    expect(draftText(arrived(1, { id: 'd' }), delta(0, 'Hello'))).toEqual([]);
  });

  test('is dropped when discarded, and when nothing ends it', () => {
    expect(draftText(delta(0, 'Hello'), frame({ type: 'message_discard', draftId: 'd' }))).toEqual([]);
    const state = after(delta(0, 'Hello', 1_000));
    expect(nextDeadline(state)).toBe(1_000 + DRAFT_LIFETIME_MS);
    expect(reduce(state, { type: 'tick', at: 1_000 + DRAFT_LIFETIME_MS }).drafts).toEqual([]);
  });
});

test('a typing indicator ends with a message, and by itself', () => {
  const typing = frame({ type: 'typing', active: true, author: 'agent' }, 500);
  expect(after(typing).typing).toEqual({ author: 'agent', since: 500 });
  expect(after(typing, arrived(1)).typing).toBeUndefined();
  expect(after(typing, echoed(1, 'a')).typing).toBeDefined();
  expect(after(typing, { type: 'tick', at: 500 + TYPING_LIFETIME_MS }).typing).toBeUndefined();
});

test('a reset takes away what was said, and nothing that waits to be sent', () => {
  const state = after(
    arrived(1),
    echoed(2, 'a'),
    frame({ type: 'message_delta', draftId: 'd', offset: 0, text: 'Half an ans' }),
    enqueue('b'),
    frame({ type: 'conversation_reset', upToSeq: 2 }),
  );
  expect(state.messages).toEqual([]);
  expect(state.drafts).toEqual([]);
  expect(state.outgoing.map(({ clientMessageId }) => clientMessageId)).toEqual(['b']);
  expect(hasHole(state)).toBe(false);
  expect(hasHole(reduce(state, arrived(3)))).toBe(false);
});

test('counts as unread what comes while the panel is closed or hidden, not the history', () => {
  const history = after(
    { type: 'panel', open: false },
    arrived(1),
    frame({ type: 'ready', conversationId: 'c1', lastSeq: 1 }),
  );
  expect(unreadCount(history)).toBe(0);
  const news = [arrived(2), echoed(3, 'other tab'), arrived(4)].reduce(reduce, history);
  expect(unreadCount(news)).toBe(2);
  const hidden = reduce(reduce(news, { type: 'visibility', visible: false }), { type: 'panel', open: true });
  expect(unreadCount(hidden)).toBe(2);
  expect(unreadCount(reduce(hidden, { type: 'visibility', visible: true }))).toBe(0);
});
