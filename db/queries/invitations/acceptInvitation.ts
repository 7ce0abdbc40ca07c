import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { invitations } from '../../schema/invitations.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import { insertMembership } from '../people/insertMembership.ts';
import { insertPerson } from '../people/insertPerson.ts';
import type { Invitation } from './createInvitation.ts';

/** Who takes the place: somebody with an account, or a new one whose password's hash this is. */
export type Acceptor = { userId: string } | { name: string; passwordHash: string };

export type Acceptance = 'accepted' | 'account_exists' | 'invitation_invalid';

/**
 * Makes whoever accepts a member, in one transaction with the account of a newcomer, whose address the token has proved.
 */
export async function acceptInvitation(
  db: Db,
  { tenantId, id, email, role }: Invitation,
  acceptor: Acceptor,
  by: Omit<By, 'actor'>,
): Promise<Acceptance> {
  return withTenant(
    db,
    tenantId,
    async (tx) => {
      const taken = await tx
        .update(invitations)
        .set({ acceptedAt: sql`now()` })
        .where(
          and(
            eq(invitations.tenantId, tenantId),
            eq(invitations.id, id),
            isNull(invitations.acceptedAt),
            gt(invitations.expiresAt, new Date()),
          ),
        )
        .returning({ id: invitations.id });
      if (taken.length === 0) return 'invitation_invalid';
      const userId = 'userId' in acceptor ? acceptor.userId : await insertPerson(tx, newcomer(email, acceptor));
      if (userId === undefined) throw new AccountExists();
      await insertMembership(tx, { tenantId, userId, role });
      const actor = { kind: 'person', id: userId } as const;
      await insertAudit(tx, {
        ...by,
        actor,
        tenantId,
        action: 'invitation.accepted',
        target: `invitation/${id}`,
        data: { role },
      });
      return 'accepted';
    },
    { lock: id },
  ).catch((error: unknown) => {
    if (error instanceof AccountExists) return 'account_exists';
    throw error;
  });
}

/** Rolls the transaction back: the invitation stays good for whoever signs in. */
class AccountExists extends Error {
  override readonly name = 'AccountExists';
}

function newcomer(email: string, { name, passwordHash }: { name: string; passwordHash: string }) {
  return { email, name, login: { passwordHash } };
}
