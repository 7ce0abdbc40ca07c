import { sql } from 'drizzle-orm';
import { check, foreignKey, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import {
  type SiteIdentity,
  type SiteProtection,
  type SiteRollout,
  siteProtectionSchema,
  siteRolloutSchema,
} from '../../contracts/site.ts';
import { bytea } from './bytea.ts';
import { createdAt, tenantId, updatedAt } from './columns.ts';
import { flows } from './flows.ts';
import { oneOf } from './oneOf.ts';
import { tenants } from './tenants.ts';

/** A website that embeds the widget. `key` is public and unique in the whole installation: it leads to the tenant. */
export const sites = pgTable(
  'sites',
  {
    tenantId: tenantId().references(() => tenants.id),
    id: uuid('id').notNull(),
    key: text('key').notNull(),
    name: text('name').notNull(),
    allowedOrigins: text('allowed_origins').array().notNull(),
    /** What differs from the defaults of `siteLookSchema`. */
    look: jsonb('look').notNull().default({}),
    /** What differs from the defaults of `conversationSettingsSchema`. */
    settings: jsonb('settings').notNull().default({}),
    flowId: uuid('flow_id'),
    /** Takes the place of the look's. */
    locale: text('locale'),
    rollout: text('rollout').$type<SiteRollout>().notNull().default('ga'),
    /** The share of visitors that a tiered rollout reaches. */
    rolloutPercent: integer('rollout_percent'),
    /** Null: the site does not say who its visitors are. */
    identity: jsonb('identity').$type<SiteIdentity>(),
    /** Verifies tokens of the mode `secret`; sealed with the tenant's data key. */
    identitySecret: bytea('identity_secret'),
    protection: text('protection').$type<SiteProtection>().notNull().default('normal'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    unique('sites_key_key').on(table.key),
    foreignKey({
      name: 'sites_flow_fkey',
      columns: [table.tenantId, table.flowId],
      foreignColumns: [flows.tenantId, flows.id],
    }),
    check('sites_rollout_check', oneOf(table.rollout, siteRolloutSchema.options)),
    check('sites_rollout_percent_check', sql`${table.rolloutPercent} between 0 and 100`),
    check('sites_tiered_check', sql`${table.rollout} <> 'tiered' or ${table.rolloutPercent} is not null`),
    check('sites_protection_check', oneOf(table.protection, siteProtectionSchema.options)),
  ],
);
