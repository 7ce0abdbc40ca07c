import { and, eq } from 'drizzle-orm';
import { sites } from '../../schema/sites.ts';
import type { TenantTx } from '../../withTenant.ts';
import type { SiteRow } from './siteRow.ts';

/** Undefined when the tenant has no such site. */
export async function getSite(tx: TenantTx, tenantId: string, siteId: string): Promise<SiteRow | undefined> {
  const [site] = await tx
    .select()
    .from(sites)
    .where(and(eq(sites.tenantId, tenantId), eq(sites.id, siteId)));
  return site;
}
