import { and, eq } from 'drizzle-orm';
import type { ConversationRef } from '../../../contracts/workflowId.ts';
import type { Db } from '../../createDb.ts';
import { files } from '../../schema/files.ts';
import { withTenant } from '../../withTenant.ts';

/** Every file of the conversation, whether or not its bytes have come. */
export async function listFileIds(db: Db, { tenantId, conversationId }: ConversationRef): Promise<string[]> {
  const rows = await withTenant(db, tenantId, (tx) =>
    tx
      .select({ id: files.id })
      .from(files)
      .where(and(eq(files.tenantId, tenantId), eq(files.conversationId, conversationId))),
  );
  return rows.map(({ id }) => id);
}
