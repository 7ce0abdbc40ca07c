import { and, eq, isNull } from 'drizzle-orm';
import type { FileRef } from '../../../contracts/file.ts';
import type { Db } from '../../createDb.ts';
import { files } from '../../schema/files.ts';
import { withTenant } from '../../withTenant.ts';

/**
 * Forgets a file that no message carries, once `removeBytes` has resolved: when that fails the row stays, and with it the
 * knowledge of what is still there. False when a message carries it by now.
 */
export async function deleteUnattached(
  db: Db,
  { tenantId, conversationId, id }: FileRef,
  removeBytes: () => Promise<void>,
): Promise<boolean> {
  return withTenant(db, tenantId, async (tx) => {
    const { rowCount } = await tx
      .delete(files)
      .where(
        and(
          eq(files.tenantId, tenantId),
          eq(files.conversationId, conversationId),
          eq(files.id, id),
          isNull(files.messageId),
        ),
      );
    if (rowCount !== 1) return false;
    await removeBytes();
    return true;
  });
}
