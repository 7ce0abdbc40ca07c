import { and, eq } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { sites } from '../../schema/sites.ts';
import { withTenant } from '../../withTenant.ts';
import type { SiteRow } from './siteRow.ts';

/** A site as it is stored; undefined when the tenant has no such site. */
export async function getSite(db: Db, tenantId: string, siteId: string): Promise<SiteRow | undefined> {
  const [site] = await withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(sites)
      .where(and(eq(sites.tenantId, tenantId), eq(sites.id, siteId))),
  );
  return site;
}
