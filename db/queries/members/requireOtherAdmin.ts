import { and, eq, ne } from 'drizzle-orm';
import { CodedError } from '../../../contracts/errors.ts';
import { memberships } from '../../schema/memberships.ts';
import type { TenantTx } from '../../withTenant.ts';
import type { MemberRef } from './lockMember.ts';

/** Throws `last_admin` when nobody but this member could manage the tenant. */
export async function requireOtherAdmin(tx: TenantTx, { tenantId, userId }: MemberRef): Promise<void> {
  const [other] = await tx
    .select({ userId: memberships.userId })
    .from(memberships)
    .where(and(eq(memberships.tenantId, tenantId), eq(memberships.role, 'admin'), ne(memberships.userId, userId)))
    .limit(1);
  if (!other) throw new CodedError('last_admin', 'The tenant would be without an admin.');
}
