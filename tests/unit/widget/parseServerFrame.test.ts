import { expect, test } from 'vitest';
import { type ServerFrame, serverFrameSchema } from '../../../contracts/frames.ts';
import { parseServerFrame } from '../../../widget/transport/parseServerFrame.ts';

const ID = '01890000-0000-7000-8000-000000000001';
const FRAMES: ServerFrame[] = [
  { type: 'ready', conversationId: ID, lastSeq: 3 },
  { type: 'ack', clientMessageId: ID },
  {
    type: 'message',
    id: ID,
    seq: 1,
    clientMessageId: ID,
    direction: 'OUTBOUND',
    author: { kind: 'agent', name: 'Support' },
    text: 'Hello',
    entities: [{ type: 'bold', offset: 0, length: 5 }],
    replyTo: { messageId: ID, quote: 'What' },
    editedAt: '2026-01-01T10:00:30Z',
    choices: [{ id: 'a', label: 'A' }],
    sources: [{ title: 'Guide', url: 'https://example.com' }],
    createdAt: '2026-01-01T10:00:00Z',
    agent: 'Support',
  },
  {
    type: 'message_edited',
    id: ID,
    seq: 1,
    text: 'Hello again',
    entities: [{ type: 'link', offset: 0, length: 5, url: 'https://example.com' }],
    editedAt: '2026-01-01T10:01:00Z',
  },
  { type: 'message_delta', draftId: ID, offset: 0, text: 'He' },
  { type: 'message_discard', draftId: ID },
  { type: 'typing', active: true, author: 'ai' },
  { type: 'presence', agents: 2 },
  { type: 'receipt', upToSeq: 4, status: 'read' },
  { type: 'agent_joined', agent: 'Support' },
  { type: 'info_note', key: 'delayed', text: 'Later' },
  { type: 'conversation_closed' },
  { type: 'rated', rating: 4 },
  { type: 'conversation_reset', upToSeq: 4 },
  { type: 'pong' },
  { type: 'error', code: 'rate_limited', message: 'Slow down', retryAfter: 2, clientMessageId: ID },
  { type: 'ready', conversationId: ID, lastSeq: 3, closed: null },
  { type: 'ready', conversationId: ID, lastSeq: 3, closed: { rating: 5 } },
  { type: 'error', code: 'conversation_open', message: 'It is open', frame: 'rate' },
];

test('reads every frame of the contract as the contract does', () => {
  const types = new Set(FRAMES.map(({ type }) => type));
  expect(types.size).toBe(serverFrameSchema.options.length);
  for (const frame of FRAMES) expect(parseServerFrame(JSON.stringify(frame))).toEqual(serverFrameSchema.parse(frame));
});

test('leaves out what it does not know, and survives what is malformed', () => {
  const hostile = ['', '{', '[]', 'null', '7', '{}', '{"type":"constructor"}', '{"type":"new_in_v9"}'];
  for (const text of hostile) expect(parseServerFrame(text)).toBeUndefined();
  for (const frame of FRAMES) {
    for (const key of Object.keys(frame)) {
      const broken = JSON.stringify({ ...frame, [key]: { unexpected: true } });
      expect(() => parseServerFrame(broken)).not.toThrow();
    }
  }
  expect(parseServerFrame(JSON.stringify({ ...FRAMES[2], seq: 0 }))).toBeUndefined();
  expect(parseServerFrame(JSON.stringify({ ...FRAMES[4], offset: -1 }))).toBeUndefined();
});
