import type { Attachment } from '../../contracts/file.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Db } from '../../db/createDb.ts';
import { readFiles } from '../../db/queries/files/readFiles.ts';
import type { Words } from '../../db/words.ts';

/** The conversation's stored files by their ids. Asks nobody where there are no ids: most turns have none. */
export async function readAttachments(
  { db, words }: { db: Db; words: Pick<Words, 'files'> },
  ref: ConversationRef,
  ids: readonly string[],
): Promise<Map<string, Attachment>> {
  if (ids.length === 0) return new Map();
  const rows = await readFiles(db, ref, ids);
  const attachments = await Promise.all(
    rows.flatMap(({ id, name, size, type, storedAt }) =>
      storedAt && type ? [words.files.open(ref.tenantId, name).then((clear) => ({ id, name: clear, type, size }))] : [],
    ),
  );
  return new Map(attachments.map((attachment) => [attachment.id, attachment]));
}
