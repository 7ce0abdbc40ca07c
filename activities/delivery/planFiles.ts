import type { FileUse, FormattedText } from '../../channels/port.ts';
import type { Attachment } from '../../contracts/file.ts';
import type { OpenRow } from '../../db/queries/outbox/readDelivery.ts';
import { type ComposedWrite, composeWrite, POSSIBLE_REPEAT, type TopicEntry } from './composeWrite.ts';
import { FILES_REFUSED } from './filesRefused.ts';

/** `lastError` of a row whose files were refused as pictures or voice: any file passes as a document. */
const MEDIA_REFUSED = 'media_refused';

export interface PlannedFile extends Attachment {
  as: FileUse;
}

/** The files of one message, or as many of them as one write may carry. */
export interface FilesWrite {
  kind: 'files';
  files: readonly PlannedFile[];
  caption: FormattedText | undefined;
  silent: boolean;
  repeat: boolean;
  /** How far the row is with this write. */
  partsSent: number;
  complete: boolean;
  keys: readonly [string];
}

/** What of a row decides how its files go out. */
export interface FilesRow extends Pick<OpenRow, 'key' | 'lastError' | 'partsSent'> {
  message: Pick<NonNullable<OpenRow['message']>, 'text' | 'attachments'> | null;
}

/** A longer text goes before the files: a caption may have 1,024 code units, marks and heading among them. */
const CAPTION_LENGTH = 500;

/** Of one write, so that its upload ends within the time of a call. */
const WRITE_BYTES = 20_000_000;

/** The `lastError` that makes the next attempt send otherwise what Telegram refused. */
export function afterRefusal({ files }: FilesWrite): string {
  return files.some(({ as }) => as !== 'document') ? MEDIA_REFUSED : FILES_REFUSED;
}

/** Whether the row's message has files that are still to be sent as files. */
export function hasFiles({ message, lastError }: FilesRow): boolean {
  return Boolean(message?.attachments?.length) && lastError !== FILES_REFUSED;
}

/**
 * The next write of a row with files: its text, where it is too long for a caption or was refused, then the files, at most
 * `writes` with one call, because Telegram counts each. Progress counts the `wordParts` of the text, then the files.
 */
export function planFiles(
  row: FilesRow,
  entry: TopicEntry,
  { writes, preface, wordParts }: { writes: number; preface: string | undefined; wordParts: number },
): FilesWrite | ComposedWrite {
  const attachments = row.message?.attachments ?? [];
  const isCaption = entry.body.text.length <= CAPTION_LENGTH && !entry.alone;
  if (row.partsSent < wordParts && !isCaption) return textFirst(composeWrite([entry], preface), row.key, wordParts);
  const sent = Math.max(0, row.partsSent - wordParts);
  const files = nextFiles(attachments.slice(sent), writes, row.lastError === MEDIA_REFUSED);
  const partsSent = wordParts + sent + files.length;
  return {
    kind: 'files',
    files,
    caption: row.partsSent === 0 ? composeWrite([entry], preface).content : repeatMark(entry),
    silent: entry.silent,
    repeat: entry.repeat,
    partsSent,
    complete: sent + files.length >= attachments.length,
    keys: [row.key],
  };
}

/** The row is not done with its text. */
function textFirst(composed: ComposedWrite, key: string, wordParts: number): ComposedWrite {
  return { ...composed, complete: [], partial: composed.partial ?? { key, partsSent: wordParts } };
}

function repeatMark({ repeat }: TopicEntry): FormattedText | undefined {
  return repeat ? { text: POSSIBLE_REPEAT, entities: [] } : undefined;
}

/** The first of what is left, and those after it that may stand in an album with it: pictures or documents, never both. */
function nextFiles(left: readonly Attachment[], writes: number, asDocuments: boolean): PlannedFile[] {
  const planned = left.map((file) => ({ ...file, as: asDocuments ? ('document' as const) : useOf(file) }));
  const album: PlannedFile[] = [];
  let bytes = 0;
  for (const file of planned) {
    const first = album[0];
    bytes += file.size;
    if (first && (file.as !== first.as || first.as === 'voice' || album.length >= writes || bytes > WRITE_BYTES)) break;
    album.push(file);
  }
  return album;
}

/** What Telegram shows as a picture or plays as a voice message; all else is a document. */
function useOf({ type }: Attachment): FileUse {
  if (type === 'image/jpeg' || type === 'image/png' || type === 'image/webp') return 'photo';
  return type === 'audio/ogg' ? 'voice' : 'document';
}
