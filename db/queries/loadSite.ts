import { and, desc, eq, isNotNull } from 'drizzle-orm';
import type { ConversationSetup } from '../../contracts/conversation.ts';
import {
  type ConversationSettings,
  conversationSettingsSchema,
  type SiteIdentity,
  type SiteLook,
  type SiteProtection,
  type SiteRollout,
  siteLookSchema,
} from '../../contracts/site.ts';
import type { Environment } from '../../contracts/tenantSettings.ts';
import { flowVersions } from '../schema/flowVersions.ts';
import { sites } from '../schema/sites.ts';
import { tenantSettings } from '../schema/tenantSettings.ts';
import { tenants } from '../schema/tenants.ts';
import type { TenantTx } from '../withTenant.ts';
import { profileColumns, settingsIn, type TenantProfile, toTenantProfile } from './settings/tenantProfile.ts';

const SECONDS_A_DAY = 24 * 3_600;

/** A site with defaults filled in, its tenant's settings applied, and the newest published version of its flow. */
export interface Site {
  tenantId: string;
  siteId: string;
  key: string;
  /** The site's own and the tenant's. */
  allowedOrigins: string[];
  look: SiteLook;
  settings: ConversationSettings;
  flow: ConversationSetup['flow'];
  rollout: SiteRollout;
  /** Of a tiered rollout. */
  rolloutPercent: number | null;
  protection: SiteProtection;
  /** Null where the site does not say who its visitors are. */
  identity: SiteIdentity | null;
  /** Sealed with the tenant's data key. */
  identitySecret: Buffer | null;
  tenant: TenantProfile;
}

/** Undefined when the tenant has no such site. One round trip. */
export async function loadSite(
  tx: TenantTx,
  { tenantId, siteId, environment }: { tenantId: string; siteId: string; environment: Environment },
): Promise<Site | undefined> {
  const [row] = await tx
    .select({
      site: sites,
      profile: profileColumns,
      version: flowVersions.version,
      definition: flowVersions.definition,
    })
    .from(sites)
    .innerJoin(tenants, eq(tenants.id, sites.tenantId))
    .leftJoin(tenantSettings, settingsIn(environment))
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
  const flow = site.flowId && version && definition ? { id: site.flowId, version, definition } : null;
  return { ...toSite(site, toTenantProfile(row.profile)), flow };
}

function toSite(site: typeof sites.$inferSelect, tenant: TenantProfile): Omit<Site, 'flow'> {
  const look = siteLookSchema.parse(site.look);
  return {
    tenantId: site.tenantId,
    siteId: site.id,
    key: site.key,
    allowedOrigins: [...site.allowedOrigins, ...tenant.settings.allowedOrigins],
    look: { ...look, locale: site.locale ?? look.locale },
    settings: settingsOf(site.settings, tenant),
    rollout: site.rollout,
    rolloutPercent: site.rolloutPercent,
    protection: site.protection,
    identity: site.identity,
    identitySecret: site.identitySecret,
    tenant,
  };
}

/** A site that names no retention of its own has the tenant's; AI answers where neither has switched it off. */
function settingsOf(stored: unknown, { settings, flags }: TenantProfile): ConversationSettings {
  const retentionSeconds = settings.retention.conversationDays * SECONDS_A_DAY;
  const own = conversationSettingsSchema.parse({ retentionSeconds, ...(stored as object) });
  return { ...own, aiEnabled: own.aiEnabled && flags.ai };
}
