import { and, eq } from 'drizzle-orm';
import {
  type Environment,
  type FeatureFlags,
  featureFlagsSchema,
  type TenantSettings,
  tenantSettingsSchema,
} from '../../../contracts/tenantSettings.ts';
import { tenantSettings } from '../../schema/tenantSettings.ts';
import { type TenantStatus, tenants } from '../../schema/tenants.ts';

/** What a tenant is allowed and wants, in the environment that this installation is. */
export interface TenantProfile {
  status: TenantStatus;
  settings: TenantSettings;
  flags: FeatureFlags;
}

/** What a query selects to make a {@link TenantProfile} of. */
export const profileColumns = {
  status: tenants.status,
  settings: tenantSettings.settings,
  flags: tenantSettings.flags,
};

/** How `tenant_settings` joins: a tenant that never set any has no row. */
export function settingsIn(environment: Environment) {
  return and(eq(tenantSettings.tenantId, tenants.id), eq(tenantSettings.environment, environment));
}

/** Fills in the defaults. */
export function toTenantProfile(row: { status: TenantStatus; settings: unknown; flags: unknown }): TenantProfile {
  return {
    status: row.status,
    settings: tenantSettingsSchema.parse(row.settings ?? {}),
    flags: featureFlagsSchema.parse(row.flags ?? {}),
  };
}
