import { expect, test } from 'vitest';
import { type InboxItem, initialState } from '../../../workflows/conversation/state.ts';
import { turnOf } from './turnOf.ts';

const agent = { id: 'telegram:7', name: 'Agent A' };

const says = (key: string, text: string): InboxItem => ({ kind: 'agentMessage', key, agent, text });
const edits = (of: string, text: string, editedAt: number): InboxItem => ({
  kind: 'agentEdit',
  key: `${of}/${text}`,
  of,
  agent,
  text,
  editedAt,
});

test('a message that was decided in the same turn is changed in place, however often', () => {
  const items = [
    says('a', 'At nine'),
    says('b', 'And bring it'),
    edits('a', 'At ten', 2_000),
    edits('a', 'At eleven', 2_000),
  ];
  const turn = turnOf(initialState(0, 'human'), items, 1_000);
  expect(turn.messages.map(({ text }) => text)).toEqual(['At eleven', 'And bring it']);
  expect(turn.edits).toEqual([]);
});

test('of the edits of an earlier message the turn keeps the newest, of one second the later one', () => {
  const state = initialState(0, 'human');
  const [said, other] = turnOf(state, [says('a', 'At nine'), says('b', 'And bring it')], 1_000).messages;
  const items = [
    edits('a', 'At ten', 2_000),
    edits('b', 'And bring both', 1_000),
    edits('a', 'At eleven', 2_000),
    edits('a', 'At eight', 1_000),
  ];
  const turn = turnOf(state, items, 3_000);
  expect(turn.messages).toEqual([]);
  expect(turn.edits).toEqual([
    { messageId: said?.id, text: 'At eleven', editedAt: 2_000 },
    { messageId: other?.id, text: 'And bring both', editedAt: 1_000 },
  ]);
});

test('from turn to turn each edit is handed on once: the database knows what holds', () => {
  const state = initialState(0, 'human');
  turnOf(state, [says('a', 'At nine')], 1_000);
  const handedOn = (item: InboxItem) => turnOf(state, [item], 3_000).edits.map(({ text }) => text);
  expect(handedOn(edits('a', 'At ten', 2_000))).toEqual(['At ten']);
  expect(handedOn(edits('a', 'At eleven', 2_000))).toEqual(['At eleven']);
  expect(handedOn(edits('a', 'At eleven', 2_000))).toEqual([]);
});
