import { check, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { type Environment, environmentSchema } from '../../contracts/tenantSettings.ts';
import { tenantId, updatedAt } from './columns.ts';
import { oneOf } from './oneOf.ts';
import { tenants } from './tenants.ts';

/** What a tenant wants otherwise than the defaults, in one environment. */
export const tenantSettings = pgTable(
  'tenant_settings',
  {
    tenantId: tenantId().references(() => tenants.id),
    environment: text('environment').$type<Environment>().notNull(),
    /** What differs from the defaults of `tenantSettingsSchema`. */
    settings: jsonb('settings').notNull().default({}),
    /** What differs from the defaults of `featureFlagsSchema`. */
    flags: jsonb('flags').notNull().default({}),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.environment] }),
    check('tenant_settings_environment_check', oneOf(table.environment, environmentSchema.options)),
  ],
);
