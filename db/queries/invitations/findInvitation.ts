import { and, eq, gt, isNull } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { lookUp } from '../../lookUp.ts';
import { invitations } from '../../schema/invitations.ts';
import { withTenant } from '../../withTenant.ts';
import type { Invitation } from './createInvitation.ts';

/** The invitation behind a token, by the token's SHA-256; undefined once it is accepted, revoked or out of time. */
export async function findInvitation(db: Db, tokenHash: Buffer): Promise<Invitation | undefined> {
  const found = await lookUp<{ tenant_id: string; invitation_id: string }>(db, {
    name: 'find_invitation',
    text: 'SELECT tenant_id, invitation_id FROM find_invitation($1)',
    values: [tokenHash],
  });
  if (!found) return undefined;
  const { tenant_id: tenantId, invitation_id: id } = found;
  const [invitation] = await withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(invitations)
      .where(
        and(
          eq(invitations.tenantId, tenantId),
          eq(invitations.id, id),
          isNull(invitations.acceptedAt),
          gt(invitations.expiresAt, new Date()),
        ),
      ),
  );
  return invitation;
}
