import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** One change: kind of record, its key, and the record or null when it was removed. */
export type Change = [kind: string, key: string, record: unknown];

export interface Journal {
  append(changes: Change[]): void;
  close(): void;
}

const fileName = 'journal.jsonl';

function writeFully(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}

/**
 * Reads the lines of a journal. A process killed while writing leaves a torn last line: whatever it held was never
 * answered, so it is dropped. A broken line anywhere else is an error.
 */
export function readJournal(folder: string): Change[][] {
  const path = join(folder, fileName);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  lines.pop(); // Empty after a whole line, or the torn one.
  return lines.map((line) => JSON.parse(line) as Change[]);
}

/**
 * Starts a journal that begins with `snapshot`, replacing the one in `folder` in one step.
 * A line reaches the kernel before `append` returns, so it survives kill -9 of this process.
 */
export function openJournal(folder: string, snapshot: Change[]): Journal {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, fileName);
  const file = openSync(`${path}.new`, 'w');
  for (const change of snapshot) writeFully(file, `${JSON.stringify([change])}\n`);
  renameSync(`${path}.new`, path);
  return {
    append: (changes) => writeFully(file, `${JSON.stringify(changes)}\n`),
    close: () => closeSync(file),
  };
}
