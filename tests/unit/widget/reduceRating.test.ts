import { expect, test } from 'vitest';
import { reduce } from '../../../widget/state/reduce.ts';
import { ratingToSend } from '../../../widget/state/selectors.ts';
import type { Action } from '../../../widget/state/types.ts';
import { after, arrived, echoed, enqueue, frame } from './states.ts';

const closed = frame({ type: 'conversation_closed' });
const rated = frame({ type: 'rated', rating: 4 });
const ready = (closing: { rating: number | null } | null) =>
  frame({ type: 'ready', conversationId: 'c1', lastSeq: 1, closed: closing });
const rate: Action = { type: 'rate', rating: 4 };
const refused = (code: string) => frame({ type: 'error', code, message: '', frame: 'rate' });
const kindsOf = ({ notes }: ReturnType<typeof after>) => notes.map(({ kind }) => kind);

test('a rating waits for the way to the server, and is said again when the way broke or the server was busy', () => {
  const written = after(echoed(1, 'a'), closed, rate, { type: 'rateWritten' });
  expect(ratingToSend(written)).toBeUndefined();
  expect(ratingToSend(reduce(written, { type: 'link', link: 'waiting' }))).toBe(4);
  expect(ratingToSend(reduce(written, refused('engine_unavailable')))).toBe(4);
  expect(reduce(written, refused('conversation_open'))).toMatchObject({ closed: false, rating: undefined });
});

test('a closing is asked about once, whatever comes again', () => {
  const given = after(echoed(1, 'a'), closed, rate, { type: 'rateWritten' }, rated, rated, closed, rate);
  expect(given.rating).toEqual({ phase: 'given' });
  expect(kindsOf(given)).toEqual(['closed', 'rated']);
  // The acknowledgement was lost, and the next connection tells of it.
  const lost = after(echoed(1, 'a'), closed, rate, { type: 'link', link: 'waiting' }, ready({ rating: 4 }));
  expect([lost.rating, kindsOf(lost)]).toEqual([{ phase: 'given' }, ['closed', 'rated']]);
  // Rated before this page was there: nothing to thank for.
  expect(kindsOf(after(echoed(1, 'a'), ready({ rating: 4 })))).toEqual(['closed']);
});

test('whoever speaks opens it again, but not the words with which it was closed', () => {
  const asked = after(echoed(1, 'a'), closed);
  expect(asked.rating).toEqual({ phase: 'asked' });
  expect(reduce(asked, arrived(2, { author: { kind: 'system' } })).rating).toEqual({ phase: 'asked' });
  const opening = [enqueue('b'), echoed(2, 'b'), frame({ type: 'agent_joined', agent: 'Kim' }), ready(null)];
  for (const action of opening) expect(reduce(asked, action)).toMatchObject({ closed: false, rating: undefined });
  expect(after(enqueue('b'), ready({ rating: null })).rating).toBeUndefined();
});
