import type { Role } from '../../../contracts/access.ts';
import type { Db } from '../../createDb.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import { insertMembership } from '../people/insertMembership.ts';
import { lockMember, type MemberRef } from './lockMember.ts';
import { requireOtherAdmin } from './requireOtherAdmin.ts';
import { revokeKeysBeyond } from './revokeKeysBeyond.ts';

/**
 * Gives a member another role and revokes what keys of theirs go beyond it. False when the tenant has no such member; throws
 * `last_admin`.
 */
export async function changeRole(db: Db, member: MemberRef, role: Role, by: By): Promise<boolean> {
  return lockMember(db, member, async (tx, from) => {
    if (from === role) return;
    if (from === 'admin') await requireOtherAdmin(tx, member);
    await insertMembership(tx, { ...member, role });
    const target = `person/${member.userId}`;
    const data = { from, to: role };
    await insertAudit(tx, { ...by, tenantId: member.tenantId, action: 'member.role_changed', target, data });
    await revokeKeysBeyond(tx, member, role, by);
  });
}
