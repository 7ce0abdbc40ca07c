import { sql } from 'drizzle-orm';
import { apiKeys } from '../../schema/apiKeys.ts';
import type { TenantTx } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import { withdrawInvitations } from '../invitations/withdrawInvitations.ts';

/**
 * Revokes the keys, those that they issued, and so on, with what these have invited to; whoever held one shall not live on in another.
 * The caller holds the lock of the tenant. Keys that are revoked already stay as they are.
 */
export async function revokeKeys(tx: TenantTx, tenantId: string, ids: readonly string[], by: By): Promise<void> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    WITH RECURSIVE chain AS (
      SELECT id FROM ${apiKeys} WHERE tenant_id = ${tenantId} AND id = ANY(${sql.param([...ids])}::uuid[])
      UNION
      SELECT issued.id FROM ${apiKeys} AS issued JOIN chain ON issued.created_by = 'apiKey/' || chain.id
      WHERE issued.tenant_id = ${tenantId}
    )
    UPDATE ${apiKeys} SET revoked_at = now()
    WHERE tenant_id = ${tenantId} AND revoked_at IS NULL AND id IN (SELECT id FROM chain)
    RETURNING id`);
  for (const { id } of rows) {
    await insertAudit(tx, { ...by, tenantId, action: 'api_key.revoked', target: `api_key/${id}` });
  }
  const revoked = rows.map(({ id }) => `apiKey/${id}`);
  await withdrawInvitations(tx, tenantId, revoked, by);
}
