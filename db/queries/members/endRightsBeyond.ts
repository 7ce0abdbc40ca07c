import { and, eq, isNull } from 'drizzle-orm';
import { isAtLeast, ROLE_OF_SCOPE, type Role } from '../../../contracts/access.ts';
import { apiKeys } from '../../schema/apiKeys.ts';
import type { TenantTx } from '../../withTenant.ts';
import { revokeKeys } from '../apiKeys/revokeKeys.ts';
import type { By } from '../audit/insertAudit.ts';
import { withdrawInvitations } from '../invitations/withdrawInvitations.ts';
import type { MemberRef } from './lockMember.ts';

/**
 * Ends what a member has given out beyond `role`, their role from now on: keys that can do more, all of them where there is none, and
 * invitations of somebody who may not invite any more.
 */
export async function endRightsBeyond(
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
  const mayInvite = role && isAtLeast(role, ROLE_OF_SCOPE['members:manage']);
  if (!mayInvite) await withdrawInvitations(tx, tenantId, [`person/${userId}`], by);
}
