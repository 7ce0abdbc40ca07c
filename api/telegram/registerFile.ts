import { createHash } from 'node:crypto';
import type { SentFile } from '../../channels/telegram/sentFile.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Db } from '../../db/createDb.ts';
import { reserveFile } from '../../db/queries/files/reserveFile.ts';
import type { Words } from '../../db/words.ts';

/**
 * Notes a file that stands in the topic, so that the workflow's history needs nothing but its id. The id follows from the
 * message's key: however often the update comes, it is one file. Where there is no room the workflow finds none.
 */
export async function registerFile(
  { db, words }: { db: Db; words: Pick<Words, 'files'> },
  ref: ConversationRef,
  key: string,
  { fileId, name, size }: SentFile,
): Promise<string> {
  const id = idOf(key);
  const [sealedName, source] = await Promise.all([
    words.files.seal(ref.tenantId, name),
    words.files.seal(ref.tenantId, fileId),
  ]);
  await reserveFile(db, { ...ref, id, name: sealedName, source, size });
  return id;
}

/** A UUID (version 8, RFC 9562) from a hash. */
function idOf(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
