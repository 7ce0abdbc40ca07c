import { and, eq } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { memberships } from '../../schema/memberships.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import { endRightsBeyond } from './endRightsBeyond.ts';
import { lockMember, type MemberRef } from './lockMember.ts';
import { requireOtherAdmin } from './requireOtherAdmin.ts';

/** Takes a person out of the tenant, with all keys that they made and all invitations that nobody has accepted. False when they are not in it; throws `last_admin`. */
export async function removeMember(db: Db, member: MemberRef, by: By): Promise<boolean> {
  const { tenantId, userId } = member;
  return lockMember(db, member, async (tx, role) => {
    if (role === 'admin') await requireOtherAdmin(tx, member);
    await tx.delete(memberships).where(and(eq(memberships.tenantId, tenantId), eq(memberships.userId, userId)));
    const data = { role };
    await insertAudit(tx, { ...by, tenantId, action: 'member.removed', target: `person/${userId}`, data });
    await endRightsBeyond(tx, member, undefined, by);
  });
}
