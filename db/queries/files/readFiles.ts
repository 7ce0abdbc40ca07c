import { and, eq, inArray } from 'drizzle-orm';
import type { ConversationRef } from '../../../contracts/workflowId.ts';
import type { Db } from '../../createDb.ts';
import { files } from '../../schema/files.ts';
import { withTenant } from '../../withTenant.ts';
import { type FileRow, fileColumns } from './fileRow.ts';

/** The conversation's files with these ids, in the order of the ids; those that are not there are left out. */
export async function readFiles(
  db: Db,
  { tenantId, conversationId }: ConversationRef,
  ids: readonly string[],
): Promise<FileRow[]> {
  const rows = await withTenant(db, tenantId, (tx) =>
    tx
      .select(fileColumns)
      .from(files)
      .where(and(eq(files.tenantId, tenantId), eq(files.conversationId, conversationId), inArray(files.id, [...ids]))),
  );
  return ids.flatMap((id) => rows.find((row) => row.id === id) ?? []);
}
