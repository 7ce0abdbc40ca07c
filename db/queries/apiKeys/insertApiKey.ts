import { v7 as uuidv7 } from 'uuid';
import type { Scope } from '../../../contracts/access.ts';
import { CodedError } from '../../../contracts/errors.ts';
import type { Db } from '../../createDb.ts';
import { apiKeys } from '../../schema/apiKeys.ts';
import { type TenantTx, withTenant } from '../../withTenant.ts';
import { boundsOf, type Issuer } from '../access/boundsOf.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';

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

function earlier(one: Date | undefined, other: Date | null | undefined): Date | undefined {
  if (!one || !other) return one ?? other ?? undefined;
  return one < other ? one : other;
}
