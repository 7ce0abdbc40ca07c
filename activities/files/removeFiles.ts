import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Db } from '../../db/createDb.ts';
import { listFileIds } from '../../db/queries/files/listFileIds.ts';
import type { FileStorage } from '../../storage/port.ts';

/** Removes the bytes of all that was sent in the conversation. The rows go after them: they alone know what there is. */
export async function removeFiles(
  { db, storage }: { db: Db; storage: Pick<FileStorage, 'remove'> },
  ref: ConversationRef,
): Promise<void> {
  for (const id of await listFileIds(db, ref)) await storage.remove({ ...ref, id });
}
