import { and, asc, eq, isNull, lt } from 'drizzle-orm';
import type { FileRef } from '../../../contracts/file.ts';
import type { Db } from '../../createDb.ts';
import { files } from '../../schema/files.ts';
import { withTenant } from '../../withTenant.ts';

/** At most `limit` files from before `before` that no message has come to carry, the oldest first. */
export async function listUnattached(db: Db, tenantId: string, before: Date, limit: number): Promise<FileRef[]> {
  return withTenant(db, tenantId, (tx) =>
    tx
      .select({ tenantId: files.tenantId, conversationId: files.conversationId, id: files.id })
      .from(files)
      .where(and(eq(files.tenantId, tenantId), isNull(files.messageId), lt(files.createdAt, before)))
      .orderBy(asc(files.createdAt))
      .limit(limit),
  );
}
