import { expect, it } from 'vitest';
import { partCount, type TopicEntry } from '../../../activities/delivery/composeWrite.ts';
import { FILES_REFUSED } from '../../../activities/delivery/filesRefused.ts';
import { afterRefusal, type FilesRow, hasFiles, planFiles } from '../../../activities/delivery/planFiles.ts';

const JPEG = 'image/jpeg';
const TYPES: Record<string, string> = { jpg: JPEG, ogg: 'audio/ogg', pdf: 'application/pdf' };

/** A row of the ledger with these files; `large.pdf` has 15 MB. */
function rowOf(names: string[], change: Partial<FilesRow> & { text?: string } = {}): FilesRow {
  const { text = 'Look', ...rest } = change;
  const attachments = names.map((name) => ({
    id: name,
    name,
    type: TYPES[name.slice(-3)] ?? '',
    size: name.startsWith('large') ? 15_000_000 : 1_000,
  }));
  return { key: 'k', lastError: null, partsSent: 0, message: { text, attachments }, ...rest };
}

function entryOf({ key, message, partsSent }: FilesRow, repeat = false): TopicEntry {
  const body = { text: message?.text ?? '', entities: [] };
  return { key, heading: '🧑 Visitor', body, silent: false, repeat, partsSent, alone: false, bare: false };
}

function planOf(row: FilesRow, writes: number, repeat = false) {
  const entry = entryOf(row, repeat);
  return planFiles(row, entry, { writes, preface: undefined, wordParts: partCount(entry) });
}

/** Every write until the row is done, as names of the files and how, or the beginning of a text. */
function writesOf(row: FilesRow, writes: number, repeat = false): string[] {
  const all: string[] = [];
  let partsSent = row.partsSent;
  for (let turn = 0; turn < 20; turn += 1) {
    const now = { ...row, partsSent };
    const planned = planOf(now, writes, repeat);
    if ('files' in planned) {
      const files = planned.files.map(({ name, as }) => `${as} ${name}`).join(', ');
      all.push(planned.caption ? `${files}: ${planned.caption.text}` : files);
      partsSent = planned.partsSent;
      if (planned.complete) return all;
    } else {
      all.push(planned.content.text.slice(0, 20));
      partsSent = planned.partial?.partsSent ?? 0;
    }
  }
  throw new Error('never done');
}

it('puts pictures into one album and documents into another, with the words on the first', () => {
  expect(writesOf(rowOf(['1.jpg', '2.jpg', '3.pdf', '4.pdf', '5.ogg', '6.ogg']), 10)).toEqual([
    'photo 1.jpg, photo 2.jpg: 🧑 Visitor: Look',
    'document 3.pdf, document 4.pdf',
    'voice 5.ogg',
    'voice 6.ogg',
  ]);
});

it('sends no more at once than the budget has, nor than one call can carry', () => {
  expect(writesOf(rowOf(['1.jpg', '2.jpg', '3.jpg']), 2)).toEqual([
    'photo 1.jpg, photo 2.jpg: 🧑 Visitor: Look',
    'photo 3.jpg',
  ]);
  expect(writesOf(rowOf(['large1.pdf', 'large2.pdf']), 10)).toHaveLength(2);
});

it('says a long text first, in as many writes as it needs', () => {
  const row = rowOf(['1.jpg'], { text: 'word '.repeat(1_500) });
  expect(writesOf(row, 10)).toEqual([
    expect.stringMatching(/^🧑 Visitor \(1\/3\)/),
    expect.stringMatching(/^🧑 Visitor \(2\/3\)/),
    'photo 1.jpg',
  ]);
});

it('marks every write that may be a repetition', () => {
  const row = rowOf(['1.jpg', '2.ogg']);
  for (const write of writesOf(row, 10, true)) expect(write).toContain('⚠️ Possible repeat');
});

it('sends as documents what was refused as pictures, and gives up files that are refused as those too', () => {
  const row = rowOf(['1.jpg', '2.ogg']);
  const first = planOf(row, 10);
  if (!('files' in first)) throw new Error('no files');
  const again = { ...row, lastError: afterRefusal(first) };
  expect(writesOf(again, 10)).toEqual(['document 1.jpg, document 2.ogg: 🧑 Visitor: Look']);
  const second = planOf(again, 10);
  if (!('files' in second)) throw new Error('no files');
  expect(afterRefusal(second)).toBe(FILES_REFUSED);
  expect(hasFiles({ ...row, lastError: FILES_REFUSED })).toBe(false);
});
