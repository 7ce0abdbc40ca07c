import { and, asc, eq, gt } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { invitations } from '../../schema/invitations.ts';
import { withTenant } from '../../withTenant.ts';
import type { Invitation } from './createInvitation.ts';

/** The tenant's invitations after one of them, the oldest first. */
export async function listInvitations(
  db: Db,
  tenantId: string,
  { after, limit }: { after?: string; limit: number },
): Promise<Invitation[]> {
  const ofTenant = eq(invitations.tenantId, tenantId);
  return withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(invitations)
      .where(after === undefined ? ofTenant : and(ofTenant, gt(invitations.id, after)))
      .orderBy(asc(invitations.id))
      .limit(limit),
  );
}
