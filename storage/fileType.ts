import { fileTypeFromBuffer } from 'file-type';

/** What a file is: its MIME type, and the ending that its name should have. */
export interface FileType {
  type: string;
  extension: string;
}

const OFFICE = 'application/vnd.openxmlformats-officedocument';
const OPEN = 'application/vnd.oasis.opendocument';

/** Types that may pass, with the ending a name gets. What can hold a script that runs when it is opened is not among them. */
const BY_BYTES: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/heic': 'heic',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'audio/x-m4a': 'm4a',
  'audio/ogg': 'ogg',
  'audio/wav': 'wav',
  'audio/aac': 'aac',
  'audio/flac': 'flac',
  'video/mp4': 'mp4',
  'video/x-m4v': 'm4v',
  'video/webm': 'webm',
  'video/quicktime': 'mov',
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  [`${OFFICE}.wordprocessingml.document`]: 'docx',
  [`${OFFICE}.spreadsheetml.sheet`]: 'xlsx',
  [`${OFFICE}.presentationml.presentation`]: 'pptx',
  [`${OPEN}.text`]: 'odt',
  [`${OPEN}.spreadsheet`]: 'ods',
  [`${OPEN}.presentation`]: 'odp',
};

/** Text has no magic bytes: it is taken by the ending of its name, and served as plain text whatever that is. */
const TEXT_ENDINGS = new Set(['txt', 'csv', 'tsv', 'log', 'md', 'json']);

/** What browsers show without running anything: may be opened in the page; all else is downloaded. */
const SHOWN = /^(image\/(jpeg|png|gif|webp)|audio\/.+|video\/(mp4|webm))$/;

/** What the bytes are; the name counts only for text. Undefined for what may not pass. */
export async function fileTypeOf(bytes: Buffer, name: string): Promise<FileType | undefined> {
  const found = await fileTypeFromBuffer(bytes);
  if (!found) return textTypeOf(bytes, name);
  const type = found.mime.replace(/;.*$/, '');
  const extension = BY_BYTES[type];
  return extension === undefined ? undefined : { type, extension };
}

/** Whether a browser may show it where it is, without downloading it. */
export function isShown(type: string): boolean {
  return SHOWN.test(type);
}

function textTypeOf(bytes: Buffer, name: string): FileType | undefined {
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return TEXT_ENDINGS.has(ending) && isText(bytes) ? { type: 'text/plain', extension: ending } : undefined;
}

function isText(bytes: Buffer): boolean {
  if (bytes.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
