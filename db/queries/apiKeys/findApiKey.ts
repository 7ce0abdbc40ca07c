import { and, eq, isNull } from 'drizzle-orm';
import type { Scope } from '../../../contracts/access.ts';
import type { Db } from '../../createDb.ts';
import { lookUp } from '../../lookUp.ts';
import { apiKeys } from '../../schema/apiKeys.ts';
import { withTenant } from '../../withTenant.ts';

/** What a key may do, for the time being. */
export interface ApiKeyGrant {
  tenantId: string;
  keyId: string;
  scopes: Scope[];
  requestsPerMinute: number;
  expiresAt: Date | null;
}

/** The key with this SHA-256; undefined when there is none or it was revoked. Whether it has expired is the caller's to see. */
export async function findApiKey(db: Db, secretHash: Buffer): Promise<ApiKeyGrant | undefined> {
  const found = await lookUp<{ tenant_id: string; key_id: string }>(db, {
    name: 'find_api_key',
    text: 'SELECT tenant_id, key_id FROM find_api_key($1)',
    values: [secretHash],
  });
  if (!found) return undefined;
  const { tenant_id: tenantId, key_id: keyId } = found;
  const { scopes, requestsPerMinute, expiresAt } = apiKeys;
  const [grant] = await withTenant(db, tenantId, (tx) =>
    tx
      .select({ scopes, requestsPerMinute, expiresAt })
      .from(apiKeys)
      .where(and(eq(apiKeys.tenantId, tenantId), eq(apiKeys.id, keyId), isNull(apiKeys.revokedAt))),
  );
  return grant && { tenantId, keyId, ...grant };
}
