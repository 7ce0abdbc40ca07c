import type { Role } from '../../../contracts/access.ts';
import { memberships } from '../../schema/memberships.ts';
import type { TenantTx } from '../../withTenant.ts';

/** Makes the person a member of the tenant, or gives the member this role. */
export async function insertMembership(
  tx: TenantTx,
  membership: { tenantId: string; userId: string; role: Role },
): Promise<void> {
  await tx
    .insert(memberships)
    .values(membership)
    .onConflictDoUpdate({ target: [memberships.tenantId, memberships.userId], set: { role: membership.role } });
}
