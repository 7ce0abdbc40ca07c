import { and, eq } from 'drizzle-orm';
import type { Role } from '../../../contracts/access.ts';
import type { Db } from '../../createDb.ts';
import { memberships } from '../../schema/memberships.ts';
import { type TenantTx, withTenant } from '../../withTenant.ts';

export interface MemberRef {
  tenantId: string;
  userId: string;
}

/**
 * Runs `work` with the role that the member has, while no other member's role, and no key, changes. False when the tenant has no
 * such member.
 */
export async function lockMember(
  db: Db,
  { tenantId, userId }: MemberRef,
  work: (tx: TenantTx, role: Role) => Promise<void>,
): Promise<boolean> {
  return withTenant(
    db,
    tenantId,
    async (tx) => {
      const [member] = await tx
        .select({ role: memberships.role })
        .from(memberships)
        .where(and(eq(memberships.tenantId, tenantId), eq(memberships.userId, userId)));
      if (member) await work(tx, member.role);
      return member !== undefined;
    },
    { lock: tenantId },
  );
}
