import type { Environment } from '../../contracts/tenantSettings.ts';
import type { Db } from '../createDb.ts';
import { lookUp } from '../lookUp.ts';
import { withTenant } from '../withTenant.ts';
import { loadSite, type Site } from './loadSite.ts';

/** The site that a widget names by its public key, whichever tenant's it is; undefined when there is none. */
export async function getSiteByKey(db: Db, siteKey: string, environment: Environment): Promise<Site | undefined> {
  const found = await lookUp<{ tenant_id: string; site_id: string }>(db, {
    name: 'find_site',
    text: 'SELECT tenant_id, site_id FROM find_site($1)',
    values: [siteKey],
  });
  if (!found) return undefined;
  const { tenant_id: tenantId, site_id: siteId } = found;
  return withTenant(db, tenantId, (tx) => loadSite(tx, { tenantId, siteId, environment }));
}
