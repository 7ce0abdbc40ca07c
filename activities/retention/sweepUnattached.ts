import type { Db } from '../../db/createDb.ts';
import { deleteUnattached } from '../../db/queries/files/deleteUnattached.ts';
import { listUnattached } from '../../db/queries/files/listUnattached.ts';
import type { FileStorage } from '../../storage/port.ts';

/** A message that is still in a client's queue after a day has lost its files, and says so. */
const UNATTACHED_MS = 24 * 3_600_000;

const BATCH = 100;

/** Deletes the tenant's files that no message came to carry, bytes and all. Returns how many there were. */
export async function sweepUnattached(db: Db, tenantId: string, storage: Pick<FileStorage, 'remove'>): Promise<number> {
  const before = new Date(Date.now() - UNATTACHED_MS);
  let total = 0;
  for (;;) {
    const files = await listUnattached(db, tenantId, before, BATCH);
    for (const file of files) {
      if (await deleteUnattached(db, file, () => storage.remove(file))) total += 1;
    }
    if (files.length < BATCH) return total;
  }
}
