import { and, eq } from 'drizzle-orm';
import type { Role } from '../../../contracts/access.ts';
import type { Db } from '../../createDb.ts';
import { memberships } from '../../schema/memberships.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import { endRightsBeyond } from './endRightsBeyond.ts';
import { lockMember, type MemberRef } from './lockMember.ts';
import { requireOtherAdmin } from './requireOtherAdmin.ts';

/**
 * Gives a member another role and ends what they have given out beyond it. False when the tenant has no such member; throws
 * `last_admin`.
 */
export async function changeRole(db: Db, member: MemberRef, role: Role, by: By): Promise<boolean> {
  const { tenantId, userId } = member;
  return lockMember(db, member, async (tx, from) => {
    if (from === role) return;
    if (from === 'admin') await requireOtherAdmin(tx, member);
    const ofMember = and(eq(memberships.tenantId, tenantId), eq(memberships.userId, userId));
    await tx.update(memberships).set({ role }).where(ofMember);
    const target = `person/${userId}`;
    const data = { from, to: role };
    await insertAudit(tx, { ...by, tenantId, action: 'member.role_changed', target, data });
    await endRightsBeyond(tx, member, role, by);
  });
}
