import type { Db } from '../createDb.ts';
import { lookUp } from '../lookUp.ts';

/** Whose channel a webhook call is for, by the SHA-256 of the secret in its path; undefined for a wrong secret. */
export async function findChannelByWebhook(
  db: Db,
  secretHash: Buffer,
): Promise<{ tenantId: string; connectionId: string } | undefined> {
  const found = await lookUp<{ tenant_id: string; connection_id: string }>(db, {
    name: 'find_channel_by_webhook',
    text: 'SELECT tenant_id, connection_id FROM find_channel_by_webhook($1)',
    values: [secretHash],
  });
  return found && { tenantId: found.tenant_id, connectionId: found.connection_id };
}
