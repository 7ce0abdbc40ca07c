import { v7 as uuidV7 } from 'uuid';
import type { Db } from '../../createDb.ts';
import { explainRefusal } from '../../explainRefusal.ts';
import { sites } from '../../schema/sites.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import { requireSoundSite, type SiteFields, type SiteRow, toColumns } from './siteRow.ts';

export interface NewSite extends SiteFields {
  tenantId: string;
  key: string;
}

/** Makes a site. Throws `invalid_request` for fields that contradict each other, `conflict` for a flow that does not exist. */
export async function createSite(db: Db, { tenantId, key, ...fields }: NewSite, by: By): Promise<SiteRow> {
  requireSoundSite(fields);
  const creating = withTenant(db, tenantId, async (tx) => {
    const [site] = await tx
      .insert(sites)
      .values({
        ...toColumns(fields),
        name: fields.name,
        allowedOrigins: fields.allowedOrigins,
        tenantId,
        key,
        id: uuidV7(),
      })
      .returning();
    if (!site) throw new Error('The site was not inserted');
    await insertAudit(tx, { ...by, tenantId, action: 'site.created', target: `site/${site.id}` });
    return site;
  });
  return explainRefusal(creating, { referenced: 'There is no such flow.' });
}
