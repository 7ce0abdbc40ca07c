import { and, asc, eq, gt } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { sites } from '../../schema/sites.ts';
import { withTenant } from '../../withTenant.ts';
import type { SiteRow } from './siteRow.ts';

/** At most `limit` of the tenant's sites after `after`, in the order of their ids. */
export async function listSites(
  db: Db,
  tenantId: string,
  { after, limit }: { after?: string; limit: number },
): Promise<SiteRow[]> {
  return withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(sites)
      .where(and(eq(sites.tenantId, tenantId), after === undefined ? undefined : gt(sites.id, after)))
      .orderBy(asc(sites.id))
      .limit(limit),
  );
}
