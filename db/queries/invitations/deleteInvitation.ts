import { and, eq } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { invitations } from '../../schema/invitations.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';

/** Takes an invitation back; false when the tenant has none with this id. What was accepted stays a membership. */
export async function deleteInvitation(db: Db, tenantId: string, id: string, by: By): Promise<boolean> {
  return withTenant(db, tenantId, async (tx) => {
    const deleted = await tx
      .delete(invitations)
      .where(and(eq(invitations.tenantId, tenantId), eq(invitations.id, id)))
      .returning({ id: invitations.id });
    if (deleted.length === 0) return false;
    await insertAudit(tx, { ...by, tenantId, action: 'invitation.revoked', target: `invitation/${id}` });
    return true;
  });
}
