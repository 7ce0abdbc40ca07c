import { eq } from 'drizzle-orm';
import type { Environment } from '../../../contracts/tenantSettings.ts';
import type { Db } from '../../createDb.ts';
import { tenantSettings } from '../../schema/tenantSettings.ts';
import { tenants } from '../../schema/tenants.ts';
import { withTenant } from '../../withTenant.ts';
import { profileColumns, settingsIn, type TenantProfile, toTenantProfile } from './tenantProfile.ts';

/** Undefined when there is no such tenant. */
export async function getTenantProfile(
  db: Db,
  tenantId: string,
  environment: Environment,
): Promise<TenantProfile | undefined> {
  const [row] = await withTenant(db, tenantId, (tx) =>
    tx
      .select(profileColumns)
      .from(tenants)
      .leftJoin(tenantSettings, settingsIn(environment))
      .where(eq(tenants.id, tenantId)),
  );
  return row && toTenantProfile(row);
}
