import { and, eq, isNull } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Role } from '../../../contracts/access.ts';
import { CodedError } from '../../../contracts/errors.ts';
import type { Db } from '../../createDb.ts';
import { invitations } from '../../schema/invitations.ts';
import { type TenantTx, withTenant } from '../../withTenant.ts';
import { boundsOf, type Issuer } from '../access/boundsOf.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';

export interface NewInvitation {
  tenantId: string;
  email: string;
  role: Role;
  tokenHash: Buffer;
  /** Who invites, as the audit log names them. */
  invitedBy: string;
  expiresAt: Date;
}

export type Invitation = typeof invitations.$inferSelect;

/**
 * Invites; an invitation of the same address that nobody has accepted yet is replaced, so that one token at most is good. Throws
 * `forbidden` for an issuer who may not invite any more.
 */
export async function createInvitation(db: Db, invitation: NewInvitation, issuer: Issuer, by: By): Promise<Invitation> {
  const { tenantId, email, role } = invitation;
  const invite = async (tx: TenantTx) => {
    const { scopes } = await boundsOf(tx, tenantId, issuer);
    if (!scopes.includes('members:manage')) throw new CodedError('forbidden', 'You may not invite anybody any more.');
    await tx
      .delete(invitations)
      .where(and(eq(invitations.tenantId, tenantId), eq(invitations.email, email), isNull(invitations.acceptedAt)));
    const [created] = await tx
      .insert(invitations)
      .values({ ...invitation, id: uuidv7() })
      .returning();
    if (!created) throw new Error('The invitation was not inserted');
    await insertAudit(tx, {
      ...by,
      tenantId,
      action: 'invitation.created',
      target: `invitation/${created.id}`,
      data: { role },
    });
    return created;
  };
  // Taking the right away takes the same lock: no invitation comes from somebody who is being removed.
  return withTenant(db, tenantId, invite, { lock: tenantId });
}
