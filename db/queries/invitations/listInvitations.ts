import { desc, eq } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { invitations } from '../../schema/invitations.ts';
import { withTenant } from '../../withTenant.ts';
import type { Invitation } from './createInvitation.ts';

const MAX_LISTED = 500;

/** The tenant's invitations, the latest first; 500 at most. */
export async function listInvitations(db: Db, tenantId: string): Promise<Invitation[]> {
  return withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(invitations)
      .where(eq(invitations.tenantId, tenantId))
      .orderBy(desc(invitations.id))
      .limit(MAX_LISTED),
  );
}
