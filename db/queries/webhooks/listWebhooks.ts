import { and, asc, eq, gt } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { webhookEndpoints } from '../../schema/webhookEndpoints.ts';
import { withTenant } from '../../withTenant.ts';
import type { WebhookRow } from './webhookRow.ts';

/** At most `limit` of the tenant's endpoints after `after`, in the order of their ids. */
export async function listWebhooks(
  db: Db,
  tenantId: string,
  { after, limit }: { after?: string; limit: number },
): Promise<WebhookRow[]> {
  const { id } = webhookEndpoints;
  return withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(webhookEndpoints)
      .where(and(eq(webhookEndpoints.tenantId, tenantId), after === undefined ? undefined : gt(id, after)))
      .orderBy(asc(id))
      .limit(limit),
  );
}
