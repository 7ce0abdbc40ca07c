import { and, asc, desc, eq, ne, sql } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { sites } from '../../schema/sites.ts';
import { withTenant } from '../../withTenant.ts';

/** The key of the tenant's site that lists this origin, else of its first one; undefined for a tenant without sites. */
export async function findSiteForOrigin(
  db: Db,
  tenantId: string,
  origin: string | undefined,
): Promise<string | undefined> {
  const [site] = await withTenant(db, tenantId, (tx) =>
    tx
      .select({ key: sites.key })
      .from(sites)
      .where(and(eq(sites.tenantId, tenantId), ne(sites.rollout, 'off')))
      .orderBy(
        desc(sql`${sites.allowedOrigins} @> array[${origin ?? ''}]::text[]`),
        asc(sites.createdAt),
        asc(sites.id),
      )
      .limit(1),
  );
  return site?.key;
}
