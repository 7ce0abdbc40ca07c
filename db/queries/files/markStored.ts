import { and, eq, sql } from 'drizzle-orm';
import type { FileRef } from '../../../contracts/file.ts';
import type { Db } from '../../createDb.ts';
import { files } from '../../schema/files.ts';
import { withTenant } from '../../withTenant.ts';

/** What is known of a file once its bytes are. `name` is sealed. */
export interface StoredFile {
  name: Buffer;
  size: number;
  type: string;
  sha256: string;
}

/** The bytes are safe. False when the row has gone meanwhile: then whoever put them there must take them away again. */
export async function markStored(
  db: Db,
  { tenantId, conversationId, id }: FileRef,
  stored: StoredFile,
): Promise<boolean> {
  const { rowCount } = await withTenant(db, tenantId, (tx) =>
    tx
      .update(files)
      .set({ ...stored, storedAt: sql`now()` })
      .where(and(eq(files.tenantId, tenantId), eq(files.conversationId, conversationId), eq(files.id, id))),
  );
  return rowCount === 1;
}
