import { makeApiKey } from '../../../api/access/apiKeyText.ts';
import type { Scope } from '../../../contracts/access.ts';
import type { Db } from '../../../db/createDb.ts';
import { insertApiKey, type NewApiKey } from '../../../db/queries/apiKeys/insertApiKey.ts';

/** A key of the tenant, as its admin would have issued it. */
export async function issueKey(
  db: Db,
  tenantId: string,
  scopes: Scope[],
  more: Partial<Pick<NewApiKey, 'requestsPerMinute' | 'expiresAt'>> = {},
): Promise<{ id: string; key: string }> {
  const { key, ...kept } = makeApiKey();
  const row = { ...kept, tenantId, name: 'Test', scopes, requestsPerMinute: 60_000, ...more };
  const { id } = await insertApiKey(db, row, { kind: 'installation' }, { actor: { kind: 'system', id: null } });
  return { id, key };
}
