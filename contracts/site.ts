import { z } from 'zod';
import { storable } from './storable.ts';

/** Ten years: more than any timer is for, and less than what a timer cannot hold. */
const MAX_SECONDS = 3_650 * 24 * 3_600;
const MAX_COPY = 1_000;

const seconds = z.int().positive().max(MAX_SECONDS);
const copy = storable(z.string().max(MAX_COPY));

/** Words that the visitor reads; a tenant may change each. */
const siteCopySchema = z
  .object({
    /** When AI failed after its retries, or nobody but a person can answer. */
    fallback: copy.default('Sorry, I cannot answer that right now. I am passing you to a colleague.'),
    handover: copy.default('I am connecting you with a colleague. They will answer right here.'),
    idleReminder: copy.default('Are you still there? I will close this conversation soon if not.'),
    idleClosed: copy.default('This conversation was closed because it has been quiet. Write any time to reopen it.'),
    closed: copy.default('This conversation is closed. Write any time to reopen it.'),
    /** When the bot cannot answer and there is no person to pass the visitor to. */
    unanswered: copy.default('Sorry, I cannot answer that. Could you put it in other words?'),
    delayed: copy.default('Our team cannot see your messages at the moment. They are safe and will be delivered.'),
  })
  .prefault({});

/**
 * When a conversation's topic is made. `never`: no topic, and nobody to hand over to; the bot says that it cannot answer and
 * stays the owner.
 */
export const topicPolicySchema = z.enum(['first_message', 'handover', 'never']);

/** How conversations of a site behave. Durations are seconds; null switches a timer off. */
export const conversationSettingsSchema = z
  .object({
    idleReminderSeconds: seconds.nullable().default(15 * 60),
    idleCloseSeconds: seconds.nullable().default(60 * 60),
    firstResponseSlaSeconds: seconds.nullable().default(5 * 60),
    /** Counted from closure; mission C4: 90 days by default. */
    retentionSeconds: seconds.default(90 * 24 * 3600),
    topicPolicy: topicPolicySchema.default('first_message'),
    aiEnabled: z.boolean().default(true),
    /** AI answers, and returns to the same wait of a flow, without a visitor's message in between; then a person is asked. */
    maxBotTurns: z.number().int().min(1).max(20).default(5),
    copy: siteCopySchema,
  })
  .prefault({});
export type ConversationSettings = z.infer<typeof conversationSettingsSchema>;

/** Longest language tag that every program takes. Source: RFC 5646, section 4.4.1. */
export const MAX_LOCALE = 35;

/** What the widget needs to draw itself. */
export const siteLookSchema = z
  .object({
    title: storable(z.string().max(80)).default('Chat with us'),
    subtitle: storable(z.string().max(160)).default('We usually answer within minutes'),
    welcome: storable(z.string().max(500)).default('Hi! How can we help?'),
    accent: z
      .string()
      .regex(/^#[0-9a-f]{6}$/i)
      .default('#4f46e5'),
    position: z.enum(['right', 'left']).default('right'),
    locale: storable(z.string().max(MAX_LOCALE)).default('en'),
  })
  .prefault({});
export type SiteLook = z.infer<typeof siteLookSchema>;

/** Who gets to see the widget: nobody, testers, a share of visitors, everyone. */
export const siteRolloutSchema = z.enum(['off', 'pilot', 'tiered', 'ga']);
export type SiteRollout = z.infer<typeof siteRolloutSchema>;

/** `under_attack`: a visitor's first request must pay with work. */
export const siteProtectionSchema = z.enum(['normal', 'under_attack']);
export type SiteProtection = z.infer<typeof siteProtectionSchema>;

const identityShared = {
  /** The audience that a token must name; by default the site's key. */
  audience: storable(z.string().min(1).max(255)).optional(),
  /** Visitors without a token are refused. */
  required: z.boolean().default(false),
};

/** How a site proves who its visitor is: tokens signed with a shared secret, or with keys that the site publishes. */
export const siteIdentitySchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('secret'), ...identityShared }),
  z.strictObject({
    mode: z.literal('jwks'),
    jwksUrl: z.url({ protocol: /^https?$/, normalize: true }).max(2_048),
    ...identityShared,
  }),
]);
export type SiteIdentity = z.infer<typeof siteIdentitySchema>;
