import { expect, it } from 'vitest';
import { composeWrite } from '../../../activities/delivery/composeWrite.ts';
import { afterRefusal, describeRow, wordParts } from '../../../activities/delivery/describeRow.ts';
import { FILES_REFUSED } from '../../../activities/delivery/filesRefused.ts';
import { planFiles } from '../../../activities/delivery/planFiles.ts';
import type { Message } from '../../../contracts/message.ts';
import type { OpenRow } from '../../../db/queries/outbox/readDelivery.ts';

const MAX_CAPTION = 1_024;
const conversation = { visitorName: 'Ada', visitorVerified: false };
const pdf = { id: 'f', name: 'bill.pdf', type: 'application/pdf', size: 10 };

function answered(text: string, more: Partial<Message> = {}): Message {
  const author = { kind: 'agent', name: 'Support' } as const;
  return { id: 'm', seq: 1, direction: 'OUTBOUND', author, text, createdAt: '2026-01-01T00:00:00.000Z', ...more };
}

/** A visitor's message that answers another, as the ledger has it. */
function rowOf(text: string, to: Message | undefined, more: Partial<NonNullable<OpenRow['message']>> = {}): OpenRow {
  const message = { authorKind: 'visitor', authorName: null, text, replyTo: { messageId: 'm' }, ...more } as const;
  const row = { key: 'k', kind: 'message', priority: 3, state: 'pending', silent: true, repeated: false } as const;
  return { ...row, partsSent: 0, lastError: null, targetMessageId: 0, ageMs: 0, text: null, message, answered: to };
}

const written = (row: OpenRow) => composeWrite([describeRow(row, conversation)]).content;

it('shows above a visitor’s words what they answer, as a quotation on a line of its own', () => {
  const { text, entities } = written(rowOf('Yes, that one', answered('Is it\nthe **red** one?')));
  expect(text).toBe('🧑 Ada:\nIs it the red one?\nYes, that one');
  const [quote] = entities.filter(({ type }) => type === 'quote');
  expect(text.slice(quote?.offset, (quote?.offset ?? 0) + (quote?.length ?? 0))).toBe('Is it the red one?');
  const row = rowOf('Both', answered('😀'.repeat(200), { entities: [] }));
  expect(written(row).text).toBe(`🧑 Ada:\n${'😀'.repeat(75)}…\nBoth`);
});

it('says the names of files that are answered, and nothing of what is not there any more', () => {
  expect(written(rowOf('This?', answered('', { attachments: [pdf] }))).text).toBe('🧑 Ada:\n📎 bill.pdf\nThis?');
  expect(written(rowOf('This?', undefined)).text).toBe('🧑 Ada: This?');
});

it('keeps to the limits: what is too long for a caption with its quotation goes before the files', () => {
  const long = answered('word '.repeat(100));
  const planned = (length: number) => {
    const row = rowOf('x'.repeat(length), long, { attachments: [pdf] });
    const limits = { writes: 1, preface: 'p'.repeat(300), wordParts: wordParts(row, conversation) };
    return planFiles(row, describeRow(row, conversation), limits);
  };
  const [caption, text] = [planned(340), planned(500)];
  expect('files' in caption && caption.caption?.text.length).toBeLessThanOrEqual(MAX_CAPTION);
  expect('files' in text).toBe(false);
  expect(written(rowOf('x'.repeat(3_990), long)).text.length).toBeLessThanOrEqual(4_096);
});

it('names the files that are missing below the words, or alone once those are out, and only those', () => {
  const files = ['1.pdf', '2.pdf'].map((name) => ({ ...pdf, name }));
  const refused = (partsSent: number): OpenRow => ({
    ...rowOf('word '.repeat(1_000), undefined, { attachments: files }),
    lastError: FILES_REFUSED,
    partsSent,
  });
  const lines = (row: OpenRow) => written(row).text.match(/could not be delivered: .*/g);
  const parts = wordParts(refused(0), conversation);
  expect(parts).toBe(2);
  expect(written(refused(1)).text).toMatch(/\(2\/2\): word [\s\S]*1\.pdf\n[\s\S]*2\.pdf$/);
  expect(written(refused(parts)).text).toMatch(/^🧑 Ada: ⚠️ A file/);
  expect(lines(refused(parts))).toHaveLength(2);
  expect(lines(refused(parts + 1))).toEqual(['could not be delivered: 2.pdf']);
  expect([0, 1, parts].map((partsSent) => afterRefusal(refused(partsSent), conversation) !== undefined)).toEqual([
    ...[true, true, false],
  ]);
});

it('cuts words whose formatting was refused where it cut them before', () => {
  const text = `${'word '.repeat(500)}**${'bold '.repeat(400).trim()}** ${'word '.repeat(500)}`;
  const row = { ...rowOf(text, undefined, { authorKind: 'bot' }), partsSent: 1 };
  const bare = { ...row, lastError: afterRefusal({ ...row, partsSent: 0 }, conversation) ?? null };
  expect(written(bare).text).toBe(written(row).text);
  expect(written(bare).entities.map(({ offset }) => offset)).toEqual([0]);
});
