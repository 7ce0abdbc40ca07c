import { and, eq, inArray, isNull } from 'drizzle-orm';
import { invitations } from '../../schema/invitations.ts';
import type { TenantTx } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';

/**
 * Takes back what these actors (e.g. `person/0190…`) have invited to and nobody has accepted: who may not invite any more shall not
 * come back as a guest of their own. The caller holds the lock of the tenant.
 */
export async function withdrawInvitations(
  tx: TenantTx,
  tenantId: string,
  invitedBy: readonly string[],
  by: By,
): Promise<void> {
  const theirs = inArray(invitations.invitedBy, [...invitedBy]);
  const withdrawn = await tx
    .delete(invitations)
    .where(and(eq(invitations.tenantId, tenantId), theirs, isNull(invitations.acceptedAt)))
    .returning({ id: invitations.id });
  for (const { id } of withdrawn) {
    await insertAudit(tx, { ...by, tenantId, action: 'invitation.revoked', target: `invitation/${id}` });
  }
}
