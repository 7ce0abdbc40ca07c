import type { Environment, TenantSettingsView } from '../../../contracts/tenantSettings.ts';
import type { Db } from '../../createDb.ts';
import { withTenant } from '../../withTenant.ts';
import { loadTenantSettings } from './loadTenantSettings.ts';

/** What holds for the tenant in one environment, defaults filled in. */
export async function getTenantSettings(
  db: Db,
  tenantId: string,
  environment: Environment,
): Promise<TenantSettingsView> {
  return withTenant(db, tenantId, (tx) => loadTenantSettings(tx, tenantId, environment));
}
