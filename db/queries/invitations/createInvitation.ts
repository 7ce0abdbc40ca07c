import { and, eq, isNull } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Role } from '../../../contracts/access.ts';
import type { Db } from '../../createDb.ts';
import { invitations } from '../../schema/invitations.ts';
import { withTenant } from '../../withTenant.ts';
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

/** Invites; an invitation of the same address that nobody has accepted yet is replaced, so that one token at most is good. */
export async function createInvitation(db: Db, invitation: NewInvitation, by: By): Promise<Invitation> {
  const { tenantId, email, role } = invitation;
  return withTenant(db, tenantId, async (tx) => {
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
  });
}
