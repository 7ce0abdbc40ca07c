import { and, eq } from 'drizzle-orm';
import {
  type Environment,
  featureFlagsSchema,
  type TenantSettingsView,
  tenantSettingsSchema,
} from '../../../contracts/tenantSettings.ts';
import { tenantSettings } from '../../schema/tenantSettings.ts';
import type { TenantTx } from '../../withTenant.ts';

/** What holds for the tenant in one environment, defaults filled in. */
export async function loadTenantSettings(
  tx: TenantTx,
  tenantId: string,
  environment: Environment,
): Promise<TenantSettingsView> {
  const [row] = await tx
    .select()
    .from(tenantSettings)
    .where(and(eq(tenantSettings.tenantId, tenantId), eq(tenantSettings.environment, environment)));
  return {
    environment,
    settings: tenantSettingsSchema.parse(row?.settings ?? {}),
    flags: featureFlagsSchema.parse(row?.flags ?? {}),
    updatedAt: row?.updatedAt.toISOString() ?? null,
  };
}
