import { z } from 'zod';
import {
  conversationSettingsSchema,
  MAX_LOCALE,
  siteIdentitySchema,
  siteLookSchema,
  siteProtectionSchema,
  siteRolloutSchema,
} from './site.ts';
import { label } from './storable.ts';
import { givenOriginSchema } from './webOrigin.ts';

const MAX_ORIGINS = 100;

const settings = conversationSettingsSchema.unwrap();

/** A site's own: the default of the retention is the tenant's, so absent it stays absent. */
export const siteSettingsSchema = settings.extend({
  retentionSeconds: settings.shape.retentionSeconds.unwrap().optional(),
});

const fields = {
  name: label(120),
  /** Origins that may embed the site; a bare host stands for its https origin. */
  allowedOrigins: z
    .array(givenOriginSchema)
    .max(MAX_ORIGINS)
    .overwrite((origins) => [...new Set(origins)]),
  look: siteLookSchema.unwrap().strict(),
  settings: siteSettingsSchema.extend({ copy: settings.shape.copy.unwrap().strict().prefault({}) }).strict(),
  flowId: z.uuid().toLowerCase().nullable(),
  /** Takes the place of the look's. */
  locale: z
    .string()
    .regex(/^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/, 'must be a language tag such as de-AT')
    .max(MAX_LOCALE)
    .nullable(),
  rollout: siteRolloutSchema,
  /** Of a tiered rollout, and null for any other. */
  rolloutPercent: z.int().min(0).max(100).nullable(),
  protection: siteProtectionSchema,
  identity: siteIdentitySchema.nullable(),
  /** What tokens of the mode `secret` are signed with. Never shown again; null forgets it. */
  identitySecret: z.string().min(32).max(512).nullable(),
};

/** A new site: what is absent takes its default. */
export const siteInputSchema = z.strictObject({
  ...fields,
  look: fields.look.prefault({}),
  settings: fields.settings.prefault({}),
  flowId: fields.flowId.default(null),
  locale: fields.locale.default(null),
  rollout: fields.rollout.default('ga'),
  rolloutPercent: fields.rolloutPercent.default(null),
  protection: fields.protection.default('normal'),
  identity: fields.identity.default(null),
  identitySecret: fields.identitySecret.default(null),
});
export type SiteInput = z.infer<typeof siteInputSchema>;

/** A change: each field that is there replaces what is stored, as a whole. */
export const sitePatchSchema = z.strictObject(fields).partial();

/** A site as the admin API shows it. */
export const siteViewSchema = z.object({
  id: z.uuid(),
  /** Public: what a page names its site by. */
  key: z.string(),
  name: z.string(),
  allowedOrigins: z.array(z.string()),
  look: siteLookSchema,
  /** Without `retentionSeconds` where the tenant's holds. */
  settings: siteSettingsSchema,
  flowId: z.uuid().nullable(),
  locale: z.string().nullable(),
  rollout: siteRolloutSchema,
  rolloutPercent: z.int().nullable(),
  protection: siteProtectionSchema,
  identity: siteIdentitySchema.nullable(),
  hasIdentitySecret: z.boolean(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type SiteView = z.infer<typeof siteViewSchema>;
