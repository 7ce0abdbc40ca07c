import { and, eq, sql } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { explainRefusal } from '../../explainRefusal.ts';
import { sites } from '../../schema/sites.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import { requireSoundSite, type SiteFields, type SiteRow, toColumns } from './siteRow.ts';

/**
 * Replaces the fields that are given. Undefined when the tenant has no such site; throws `invalid_request` when the site would
 * contradict itself, `conflict` for a flow that does not exist.
 */
export async function updateSite(
  db: Db,
  { tenantId, siteId }: { tenantId: string; siteId: string },
  changes: Partial<SiteFields>,
  by: By,
): Promise<SiteRow | undefined> {
  const thisOne = and(eq(sites.tenantId, tenantId), eq(sites.id, siteId));
  const updating = withTenant(db, tenantId, async (tx) => {
    // Locked: two changes at once could each be sound and contradict one another.
    const [site] = await tx.select().from(sites).where(thisOne).for('update');
    if (!site) return undefined;
    requireSoundSite({ ...site, ...changes });
    const [updated] = await tx
      .update(sites)
      .set({ ...toColumns(changes), updatedAt: sql`now()` })
      .where(thisOne)
      .returning();
    const data = { fields: Object.keys(changes) };
    await insertAudit(tx, { ...by, tenantId, action: 'site.changed', target: `site/${siteId}`, data });
    return updated;
  });
  return explainRefusal(updating, { referenced: 'There is no such flow.' });
}
