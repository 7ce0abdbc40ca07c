import { sql } from 'drizzle-orm';
import {
  type Environment,
  featureFlagsSchema,
  type TenantSettingsInput,
  type TenantSettingsView,
  tenantSettingsSchema,
} from '../../../contracts/tenantSettings.ts';
import type { Db } from '../../createDb.ts';
import { differences } from '../../differences.ts';
import { tenantSettings } from '../../schema/tenantSettings.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import { loadTenantSettings } from './loadTenantSettings.ts';

export interface NewTenantSettings extends TenantSettingsInput {
  tenantId: string;
  environment: Environment;
}

/** Replaces the tenant's settings in one environment; the log tells what is otherwise than before. */
export async function saveTenantSettings(db: Db, next: NewTenantSettings, by: By): Promise<TenantSettingsView> {
  const { tenantId, environment } = next;
  const stored = {
    settings: differences(next.settings, tenantSettingsSchema.parse({})),
    flags: differences(next.flags, featureFlagsSchema.parse({})),
  };
  return withTenant(
    db,
    tenantId,
    async (tx) => {
      const before = await loadTenantSettings(tx, tenantId, environment);
      await tx
        .insert(tenantSettings)
        .values({ tenantId, environment, ...stored })
        .onConflictDoUpdate({
          target: [tenantSettings.tenantId, tenantSettings.environment],
          set: { ...stored, updatedAt: sql`now()` },
        });
      const data = {
        settings: differences(next.settings, before.settings),
        flags: differences(next.flags, before.flags),
      };
      await insertAudit(tx, { ...by, tenantId, action: 'settings.saved', target: `settings/${environment}`, data });
      return loadTenantSettings(tx, tenantId, environment);
    },
    // Of two that save at once, each must compare with what the other left.
    { lock: tenantId },
  );
}
