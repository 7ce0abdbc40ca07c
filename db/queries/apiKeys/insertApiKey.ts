import { and, eq, isNull } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { isAtLeast, ROLE_OF_SCOPE, type Scope, scopeSchema } from '../../../contracts/access.ts';
import { CodedError } from '../../../contracts/errors.ts';
import type { Db } from '../../createDb.ts';
import { apiKeys } from '../../schema/apiKeys.ts';
import { memberships } from '../../schema/memberships.ts';
import { type TenantTx, withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';

/** Whose rights bound the key's. `installation`: the service token or a platform admin, who may do anything in the tenant. */
export type Issuer = { kind: 'installation' } | { kind: 'member'; userId: string } | { kind: 'apiKey'; keyId: string };

export interface NewApiKey {
  tenantId: string;
  name: string;
  prefix: string;
  secretHash: Buffer;
  scopes: Scope[];
  requestsPerMinute: number;
  expiresAt?: Date;
}

export type ApiKeyRow = typeof apiKeys.$inferSelect;

/**
 * Adds a key that can do no more than its issuer can at this moment, and lives no longer than the key that issued it.
 * Throws `forbidden` for more than that.
 */
export async function insertApiKey(db: Db, key: NewApiKey, issuer: Issuer, by: By): Promise<ApiKeyRow> {
  const { tenantId, scopes } = key;
  const add = async (tx: TenantTx) => {
    const bounds = await boundsOf(tx, tenantId, issuer);
    if (!scopes.every((scope) => bounds.scopes.includes(scope))) {
      throw new CodedError('forbidden', 'A key cannot hold more than its issuer.');
    }
    const id = uuidv7();
    const createdBy = [by.actor.kind, by.actor.id].filter(Boolean).join('/');
    const values = { ...key, id, createdBy, expiresAt: earlier(key.expiresAt, bounds.expiresAt) };
    const [row] = await tx.insert(apiKeys).values(values).returning();
    if (!row) throw new Error('The key was not inserted');
    await insertAudit(tx, { ...by, tenantId, action: 'api_key.created', target: `api_key/${id}`, data: { scopes } });
    return row;
  };
  // Revoking takes the same lock: no key comes from one that is being revoked.
  return withTenant(db, tenantId, add, { lock: tenantId });
}

interface Bounds {
  scopes: readonly Scope[];
  expiresAt?: Date | null;
}

async function boundsOf(tx: TenantTx, tenantId: string, issuer: Issuer): Promise<Bounds> {
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

function earlier(one: Date | undefined, other: Date | null | undefined): Date | undefined {
  if (!one || !other) return one ?? other ?? undefined;
  return one < other ? one : other;
}
