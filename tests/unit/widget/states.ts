import type { ServerFrame } from '../../../contracts/frames.ts';
import type { Message } from '../../../contracts/message.ts';
import { reduce } from '../../../widget/state/reduce.ts';
import { type Action, INITIAL_STATE, type WidgetState } from '../../../widget/state/types.ts';

/** The state after these actions, from a widget that is open and online. */
export function after(...actions: Action[]): WidgetState {
  const online: Action[] = [
    { type: 'panel', open: true },
    { type: 'conversation', conversationId: 'c1' },
    { type: 'link', link: 'online' },
  ];
  return [...online, ...actions].reduce(reduce, INITIAL_STATE);
}

export const frame = (value: ServerFrame, at = 0): Action => ({ type: 'frame', frame: value, at });

export const enqueue = (clientMessageId: string, text = clientMessageId): Action => ({
  type: 'enqueue',
  clientMessageId,
  text,
  at: '2026-01-01T10:00:00.000Z',
});

/** A message to the visitor, unless `part` says otherwise. */
export function message(seq: number, part: Partial<Message> = {}): Message {
  return {
    id: `m${seq}`,
    seq,
    direction: 'OUTBOUND',
    author: { kind: 'bot' },
    text: `text ${seq}`,
    createdAt: '2026-01-01T10:00:00.000Z',
    ...part,
  };
}

export const arrived = (seq: number, part: Partial<Message> = {}): Action =>
  frame({ type: 'message', ...message(seq, part) });

export const echoed = (seq: number, clientMessageId: string): Action =>
  arrived(seq, { direction: 'INBOUND', author: { kind: 'visitor' }, clientMessageId });
