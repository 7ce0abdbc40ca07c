import { and, eq, isNull } from 'drizzle-orm';
import { isAtLeast, ROLE_OF_SCOPE, type Scope, scopeSchema } from '../../../contracts/access.ts';
import { apiKeys } from '../../schema/apiKeys.ts';
import { memberships } from '../../schema/memberships.ts';
import type { TenantTx } from '../../withTenant.ts';

/**
 * Who gives somebody access: a key or an invitation. `installation`: the service token or a platform admin, who may do anything in
 * the tenant.
 */
export type Issuer = { kind: 'installation' } | { kind: 'member'; userId: string } | { kind: 'apiKey'; keyId: string };

interface Bounds {
  scopes: readonly Scope[];
  expiresAt?: Date | null;
}

/**
 * What an issuer may do at this moment, and for how long: nobody gives more. The caller holds the lock of the tenant, as does whoever
 * takes a right away.
 */
export async function boundsOf(tx: TenantTx, tenantId: string, issuer: Issuer): Promise<Bounds> {
  switch (issuer.kind) {
    case 'installation':
      return { scopes: scopeSchema.options };
    case 'member': {
      const ofMember = and(eq(memberships.tenantId, tenantId), eq(memberships.userId, issuer.userId));
      const [member] = await tx.select({ role: memberships.role }).from(memberships).where(ofMember);
      return { scopes: scopeSchema.options.filter((scope) => member && isAtLeast(member.role, ROLE_OF_SCOPE[scope])) };
    }
    case 'apiKey': {
      const valid = and(eq(apiKeys.tenantId, tenantId), eq(apiKeys.id, issuer.keyId), isNull(apiKeys.revokedAt));
      const [parent] = await tx.select().from(apiKeys).where(valid);
      return parent ?? { scopes: [] };
    }
  }
}
