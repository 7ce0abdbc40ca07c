import { and, desc, eq, lt } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { portalConversations } from '../../schema/portalConversations.ts';
import { withTenant } from '../../withTenant.ts';
import { type PortalRow, selectPortal } from './portalRow.ts';

export interface PortalList {
  tenantId: string;
  /** Everybody's without it. */
  userId?: string;
  before?: string;
  limit: number;
}

/** At most `limit` conversations of the tenant's portal before `before`, the newest first: their ids tell when they were made. */
export async function listPortalConversations(
  db: Db,
  { tenantId, userId, before, limit }: PortalList,
): Promise<PortalRow[]> {
  const { conversationId } = portalConversations;
  return withTenant(db, tenantId, (tx) =>
    selectPortal(tx)
      .where(
        and(
          eq(portalConversations.tenantId, tenantId),
          userId === undefined ? undefined : eq(portalConversations.userId, userId),
          before === undefined ? undefined : lt(conversationId, before),
        ),
      )
      .orderBy(desc(conversationId))
      .limit(limit),
  );
}
