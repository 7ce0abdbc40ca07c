import { and, eq } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { explainRefusal } from '../../explainRefusal.ts';
import { sites } from '../../schema/sites.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import type { SiteRow } from './siteRow.ts';

/**
 * Deletes a site with its visitors' sessions and telemetry, which is given as it was. Undefined when the tenant has none such; throws `conflict` while the site
 * has conversations: those are erased for reasons of their own.
 */
export async function deleteSite(
  db: Db,
  { tenantId, siteId }: { tenantId: string; siteId: string },
  by: By,
): Promise<SiteRow | undefined> {
  const deleting = withTenant(db, tenantId, async (tx) => {
    const [deleted] = await tx
      .delete(sites)
      .where(and(eq(sites.tenantId, tenantId), eq(sites.id, siteId)))
      .returning();
    if (!deleted) return undefined;
    await insertAudit(tx, { ...by, tenantId, action: 'site.deleted', target: `site/${siteId}` });
    return deleted;
  });
  return explainRefusal(deleting, { referenced: 'The site has conversations.' });
}
