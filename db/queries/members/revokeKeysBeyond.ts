import { and, eq, isNull } from 'drizzle-orm';
import { isAtLeast, ROLE_OF_SCOPE, type Role } from '../../../contracts/access.ts';
import { apiKeys } from '../../schema/apiKeys.ts';
import type { TenantTx } from '../../withTenant.ts';
import { revokeKeys } from '../apiKeys/revokeKeys.ts';
import type { By } from '../audit/insertAudit.ts';
import type { MemberRef } from './lockMember.ts';

/** Revokes those keys of the member that can do more than `role`, their role from now on; all of them where there is none. */
export async function revokeKeysBeyond(
  tx: TenantTx,
  { tenantId, userId }: MemberRef,
  role: Role | undefined,
  by: By,
): Promise<void> {
  const ofMember = eq(apiKeys.createdBy, `person/${userId}`);
  const keys = await tx
    .select({ id: apiKeys.id, scopes: apiKeys.scopes })
    .from(apiKeys)
    .where(and(eq(apiKeys.tenantId, tenantId), ofMember, isNull(apiKeys.revokedAt)));
  const beyond = keys.filter(({ scopes }) => !scopes.every((scope) => role && isAtLeast(role, ROLE_OF_SCOPE[scope])));
  const ids = beyond.map(({ id }) => id);
  await revokeKeys(tx, tenantId, ids, by);
}
