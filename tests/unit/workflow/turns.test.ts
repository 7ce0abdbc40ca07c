import { expect, test } from 'vitest';
import { decide } from '../../../workflows/conversation/decide.ts';
import { close } from '../../../workflows/conversation/lifecycle.ts';
import { type InboxItem, initialState, remember } from '../../../workflows/conversation/state.ts';
import { newTurn, type Turn } from '../../../workflows/conversation/turn.ts';
import { input, turnOf } from './turnOf.ts';

const says = (clientMessageId: string): InboxItem => ({
  kind: 'visitorMessage',
  clientMessageId,
  text: `Text of ${clientMessageId}`,
  receivedAt: 1_000,
});

const idsIn = ({ messages, events, outbox }: Turn) => [
  ...messages.map(({ id }) => id),
  ...events.map(({ id }) => id),
  ...outbox.map(({ key }) => key),
];

test('a task that is executed again, later and with more in it, derives the ids that it wrote before', () => {
  const first = idsIn(turnOf(initialState(1_000, 'flow'), [says('a')], 1_000));
  const again = idsIn(turnOf(initialState(9_000, 'flow'), [says('a'), says('b')], 9_000));
  expect(first.length).toBeGreaterThan(5);
  expect(again).toEqual(expect.arrayContaining(first));
  expect(new Set(again).size).toBe(again.length);
});

test('ids differ between conversations', () => {
  const [here] = turnOf(initialState(1_000, 'flow'), [says('a')], 1_000).messages;
  const turn = newTurn();
  const conversationId = '0198c000-0000-7000-8000-000000000004';
  decide({ input: { ...input, conversationId }, state: initialState(1_000, 'flow'), turn, now: 1_000 }, says('a'));
  expect(turn.messages[0]?.id).not.toBe(here?.id);
});

test.each([
  ['before', false],
  ['after', true],
])('a message decided in the same turn as the end of retention, %s it, keeps the conversation', (_, retentionFirst) => {
  const state = initialState(0, 'flow');
  close({ input, state, turn: newTurn(), now: 0 }, 'command/1', 'agent', null);
  const retention: InboxItem = { kind: 'deadline', name: 'retention', cause: 'command/1' };
  const items = retentionFirst ? [retention, says('a')] : [says('a'), retention];
  const turn = turnOf(state, items, state.deadlines.retention?.at ?? 0);
  expect(turn.purge).toBe(false);
  expect(turn.messages[0]?.text).toBe('Text of a');
  expect(state.deadlines.retention).toBeUndefined();
});

test('the end of retention alone purges; one that was lifted does not', () => {
  const state = initialState(0, 'flow');
  close({ input, state, turn: newTurn(), now: 0 }, 'command/1', 'agent', null);
  const retention = (cause: string): InboxItem => ({ kind: 'deadline', name: 'retention', cause });
  expect(turnOf(state, [retention('command/0')], 1).purge).toBe(false);
  expect(turnOf(state, [retention('command/1')], 1).purge).toBe(true);
});

test('keys of what was decided are remembered, the oldest of a thousand forgotten first', () => {
  const state = initialState(0, 'flow');
  for (let count = 0; count < 1_001; count++) remember(state, `key ${count}`);
  expect(state.seen).toHaveLength(1_000);
  expect(remember(state, 'key 1')).toBe(false);
  expect(remember(state, 'key 0')).toBe(true);
});
