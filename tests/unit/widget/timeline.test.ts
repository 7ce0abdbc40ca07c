import { expect, test } from 'vitest';
import { type MessageItem, openChoices, timeline } from '../../../widget/state/timeline.ts';
import { after, arrived, echoed, enqueue, frame } from './states.ts';

const shown = (state: Parameters<typeof timeline>[0]) =>
  timeline(state).filter((item): item is MessageItem => item.kind === 'message');

test('a message keeps its key from the optimistic send, or the first delta, to the record', () => {
  const draftId = 'd';
  const before = after(enqueue('a'), frame({ type: 'message_delta', draftId, offset: 0, text: 'Hi' }));
  const done = [echoed(1, 'a'), arrived(2, { id: draftId })];
  const keys = (state: Parameters<typeof timeline>[0]) =>
    shown(state)
      .map(({ key }) => key)
      .sort();
  expect(keys(before)).toEqual(['a', 'd']);
  expect(keys(after(enqueue('a'), ...done))).toEqual(['a', 'd']);
});

test('shows how far each of the visitor’s messages came', () => {
  const state = after(
    echoed(1, 'read'),
    echoed(2, 'delivered'),
    frame({ type: 'receipt', upToSeq: 1, status: 'read' }),
    enqueue('sent'),
    frame({ type: 'ack', clientMessageId: 'sent' }),
    enqueue('sending'),
  );
  expect(shown(state).map(({ key, status }) => [key, status])).toEqual([
    ['read', 'read'],
    ['delivered', 'delivered'],
    ['sent', 'sent'],
    ['sending', 'sending'],
  ]);
});

test('puts notes after the message that they followed', () => {
  const state = after(arrived(1), frame({ type: 'agent_joined', agent: 'Support' }), arrived(2));
  expect(timeline(state).map((item) => (item.kind === 'message' ? item.text : item.kind))).toEqual([
    'time',
    'text 1',
    'note',
    'text 2',
  ]);
});

test('groups what one author says, and writes the time after a pause', () => {
  const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1, 10, minutes)).toISOString();
  const state = after(
    arrived(1, { createdAt: at(0) }),
    arrived(2, { createdAt: at(1) }),
    arrived(3, { createdAt: at(2), author: { kind: 'agent', name: 'Support' } }),
    arrived(4, { createdAt: at(40), author: { kind: 'agent', name: 'Support' } }),
  );
  expect(timeline(state).map((item) => (item.kind === 'message' ? [item.first, item.last] : item.kind))).toEqual([
    'time',
    [true, false],
    [false, true],
    [true, true],
    'time',
    [true, true],
  ]);
});

test('offers the last message’s choices until they are answered', () => {
  const choices = [{ id: 'yes', label: 'Yes' }];
  const asked = arrived(1, { choices });
  expect(openChoices(after(asked))).toEqual(choices);
  expect(openChoices(after(asked, enqueue('a')))).toEqual([]);
  expect(openChoices(after(asked, echoed(2, 'a')))).toEqual([]);
  expect(openChoices(after(asked, arrived(2)))).toEqual([]);
  expect(openChoices(after(asked, frame({ type: 'conversation_closed' })))).toEqual([]);
});
