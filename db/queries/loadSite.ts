import { and, desc, eq, isNotNull } from 'drizzle-orm';
import type { ConversationSetup } from '../../contracts/conversation.ts';
import {
  type ConversationSettings,
  conversationSettingsSchema,
  type SiteLook,
  siteLookSchema,
} from '../../contracts/site.ts';
import { flowVersions } from '../schema/flowVersions.ts';
import { sites } from '../schema/sites.ts';
import type { TenantTx } from '../withTenant.ts';

/** A site with defaults filled in, and the newest published version of its flow. */
export interface Site {
  tenantId: string;
  siteId: string;
  key: string;
  allowedOrigins: string[];
  look: SiteLook;
  settings: ConversationSettings;
  flow: ConversationSetup['flow'];
}

/** Undefined when the tenant has no such site. One round trip. */
export async function loadSite(tx: TenantTx, tenantId: string, siteId: string): Promise<Site | undefined> {
  const [row] = await tx
    .select({ site: sites, version: flowVersions.version, definition: flowVersions.definition })
    .from(sites)
    .leftJoin(
      flowVersions,
      and(
        eq(flowVersions.tenantId, sites.tenantId),
        eq(flowVersions.flowId, sites.flowId),
        isNotNull(flowVersions.publishedAt),
      ),
    )
    .where(and(eq(sites.tenantId, tenantId), eq(sites.id, siteId)))
    .orderBy(desc(flowVersions.version))
    .limit(1);
  if (!row) return undefined;
  const { site, version, definition } = row;
  return {
    tenantId,
    siteId,
    key: site.key,
    allowedOrigins: site.allowedOrigins,
    look: siteLookSchema.parse(site.look),
    settings: conversationSettingsSchema.parse(site.settings),
    flow: site.flowId && version && definition ? { id: site.flowId, version, definition } : null,
  };
}
