import type { ConversationSetup } from '../../contracts/conversation.ts';
import type { Db } from '../createDb.ts';
import { withTenant } from '../withTenant.ts';
import { loadSite } from './loadSite.ts';

/** What a conversation of the site is opened with now; undefined when the tenant has no such site. */
export async function getSiteSetup(db: Db, tenantId: string, siteId: string): Promise<ConversationSetup | undefined> {
  const site = await withTenant(db, tenantId, (tx) => loadSite(tx, tenantId, siteId));
  return site && { siteId, flow: site.flow, settings: site.settings };
}
