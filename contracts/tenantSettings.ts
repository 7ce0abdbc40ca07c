import { z } from 'zod';
import { topicPolicySchema } from './site.ts';
import { storable } from './storable.ts';
import { givenOriginSchema, webOriginSchema } from './webOrigin.ts';

/** A tenant's settings differ by where the installation stands. */
export const environmentSchema = z.enum(['development', 'staging', 'production']);
export type Environment = z.infer<typeof environmentSchema>;

const TEN_YEARS_IN_DAYS = 3_650;
const MAX_ORIGINS = 100;

const days = z.int().min(1).max(TEN_YEARS_IN_DAYS);
const perMinute = z.int().min(1).max(100_000);
const originsOf = (origin: z.ZodString) => z.array(origin).max(MAX_ORIGINS).default([]);

/** How long what is about a person is kept. Conversations count from their closure, the rest from when it was seen. */
const retentionSchema = z.object({
  conversationDays: days.default(90),
  telemetryDays: days.default(30),
  ipDays: days.default(7),
  /** What was sent to webhooks, and what became of it. */
  webhookDays: days.default(30),
});

/** What the tenant's visitors may do, all of them together or by IP address. Mission S5 gives 10 starts a minute and IP. */
const tenantLimitsSchema = z.object({
  messagesPerMinute: perMinute.default(3_000),
  startsPerMinutePerIp: perMinute.default(10),
});

/** `join`: any agent may speak in a claimed conversation; `claim_first`: only who has claimed it. */
const claimPolicySchema = z.enum(['join', 'claim_first']);
export type ClaimPolicy = z.infer<typeof claimPolicySchema>;

const MAX_CANNED_ANSWERS = 50;
const MAX_CANNED_TEXT = 2_000;

/** `name` follows the command: `/canned hours`. */
const cannedAnswerSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, 'must be up to 32 small letters, digits, - or _'),
  text: storable(z.string().trim().min(1).max(MAX_CANNED_TEXT)),
});

/** How agents work in the tenant's topics. */
const agentsSettingsSchema = z.object({
  claimPolicy: claimPolicySchema.default('join'),
  /** IANA name, e.g. `Europe/Berlin`: when it is morning for the agents. */
  timeZone: z.string().max(64).refine(isTimeZone, 'must be a time zone, e.g. Europe/Berlin').default('UTC'),
  cannedAnswers: z
    .array(cannedAnswerSchema)
    .max(MAX_CANNED_ANSWERS)
    .refine((answers) => new Set(answers.map(({ name }) => name)).size === answers.length, 'must have different names')
    .default([]),
});
export type AgentsSettings = z.infer<typeof agentsSettingsSchema>;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** What the group's General topic is told. */
const noticesSettingsSchema = z.object({
  /** Who waits for a person, got no answer in time, or cannot be answered. */
  alerts: z.boolean().default(true),
  dailySummary: z.boolean().default(true),
  /** When the summary comes, by the agents' time zone. */
  summaryHour: z.int().min(0).max(23).default(8),
});

/** How conversations of the portal behave. */
const portalSettingsSchema = z.object({
  /** Whether they have topics, and with them people to hand over to; by default the agents are alone with what they know. */
  topicPolicy: topicPolicySchema.default('never'),
});

/**
 * With every default filled in. What is stored is only what differs, so that a better default reaches every tenant; what a
 * newer version has stored and this one does not know is passed over.
 */
export const tenantSettingsSchema = z.object({
  retention: retentionSchema.prefault({}),
  limits: tenantLimitsSchema.prefault({}),
  portal: portalSettingsSchema.prefault({}),
  agents: agentsSettingsSchema.prefault({}),
  notices: noticesSettingsSchema.prefault({}),
  /** Origins that may embed any site of the tenant, beside each site's own list. */
  allowedOrigins: originsOf(webOriginSchema),
});
export type TenantSettings = z.infer<typeof tenantSettingsSchema>;

/** What can be switched for a tenant, in one environment at a time. */
export const featureFlagsSchema = z.object({
  /** Conversations are mirrored to Telegram topics. */
  telegram: z.boolean().default(true),
  /** AI answers where a site allows it. */
  ai: z.boolean().default(true),
  /** People of the portal may talk to the tenant's agents. */
  portal: z.boolean().default(true),
  /** Every `init` pays with work, as if each site were under attack. */
  proofOfWork: z.boolean().default(false),
});
export type FeatureFlags = z.infer<typeof featureFlagsSchema>;

/** As a client gives them: what is absent takes its default, and a name that does not exist is refused. */
export const tenantSettingsInputSchema = z.strictObject({
  settings: z
    .strictObject({
      retention: retentionSchema.strict().prefault({}),
      limits: tenantLimitsSchema.strict().prefault({}),
      portal: portalSettingsSchema.strict().prefault({}),
      agents: agentsSettingsSchema.strict().prefault({}),
      notices: noticesSettingsSchema.strict().prefault({}),
      allowedOrigins: originsOf(givenOriginSchema),
    })
    .prefault({}),
  flags: featureFlagsSchema.strict().prefault({}),
});
export type TenantSettingsInput = z.infer<typeof tenantSettingsInputSchema>;

/** A tenant's settings in one environment, as the admin API shows them. `updatedAt` is null until somebody has set any. */
export const tenantSettingsViewSchema = z.object({
  environment: environmentSchema,
  settings: tenantSettingsSchema,
  flags: featureFlagsSchema,
  updatedAt: z.iso.datetime().nullable(),
});
export type TenantSettingsView = z.infer<typeof tenantSettingsViewSchema>;
