import type { Role } from '../../../contracts/access.ts';
import { memberships } from '../../schema/memberships.ts';
import type { TenantTx } from '../../withTenant.ts';

/** Makes the person a member of the tenant; who is one already keeps the role that an admin gave them. */
export async function insertMembership(
  tx: TenantTx,
  membership: { tenantId: string; userId: string; role: Role },
): Promise<void> {
  await tx.insert(memberships).values(membership).onConflictDoNothing();
}
