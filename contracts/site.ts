import { z } from 'zod';

const seconds = z.number().int().positive();

/** Words that the visitor reads; a tenant may change each. */
const siteCopySchema = z
  .object({
    /** When AI failed after its retries, or nobody but a person can answer. */
    fallback: z.string().default('Sorry, I cannot answer that right now. I am passing you to a colleague.'),
    handover: z.string().default('I am connecting you with a colleague. They will answer right here.'),
    idleReminder: z.string().default('Are you still there? I will close this conversation soon if not.'),
    idleClosed: z
      .string()
      .default('This conversation was closed because it has been quiet. Write any time to reopen it.'),
    closed: z.string().default('This conversation is closed. Write any time to reopen it.'),
    delayed: z
      .string()
      .default('Our team cannot see your messages at the moment. They are safe and will be delivered.'),
  })
  .prefault({});

/** How conversations of a site behave. Durations are seconds; null switches a timer off. */
export const conversationSettingsSchema = z
  .object({
    idleReminderSeconds: seconds.nullable().default(15 * 60),
    idleCloseSeconds: seconds.nullable().default(60 * 60),
    firstResponseSlaSeconds: seconds.nullable().default(5 * 60),
    /** Counted from closure; mission C4: 90 days by default. */
    retentionSeconds: seconds.default(90 * 24 * 3600),
    topicPolicy: z.enum(['first_message', 'handover']).default('first_message'),
    aiEnabled: z.boolean().default(true),
    /** AI answers, and returns to the same wait of a flow, without a visitor's message in between; then a person is asked. */
    maxBotTurns: z.number().int().min(1).max(20).default(5),
    copy: siteCopySchema,
  })
  .prefault({});
export type ConversationSettings = z.infer<typeof conversationSettingsSchema>;

/** What the widget needs to draw itself. */
export const siteLookSchema = z
  .object({
    title: z.string().max(80).default('Chat with us'),
    subtitle: z.string().max(160).default('We usually answer within minutes'),
    welcome: z.string().max(500).default('Hi! How can we help?'),
    accent: z
      .string()
      .regex(/^#[0-9a-f]{6}$/i)
      .default('#4f46e5'),
    position: z.enum(['right', 'left']).default('right'),
    locale: z.string().max(16).default('en'),
  })
  .prefault({});
export type SiteLook = z.infer<typeof siteLookSchema>;
