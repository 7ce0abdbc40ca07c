import { z } from 'zod';
import { label, storable } from './storable.ts';

export const CHANNEL_TYPES = ['web', 'facebook', 'telegram', 'whatsapp', 'portal'] as const;
export type ChannelType = (typeof CHANNEL_TYPES)[number];

/** Takes any case and gives lower case: the only spelling that is stored. */
const channelTypeSchema = z
  .string()
  .toLowerCase()
  .pipe(z.enum(CHANNEL_TYPES))
  .meta({ description: `${CHANNEL_TYPES.join(', ')}, in any case`, pattern: inAnyCase(CHANNEL_TYPES) });

const CONNECTION_STATUSES = ['active', 'disabled'] as const;
const MAX_ENTRIES = 32;

const word = storable(z.string().min(1).max(64));
const short = storable(z.string().max(1_024));

/** What is no secret. */
const settingsSchema = z
  .record(word, z.union([short, z.number(), z.boolean(), z.null()]))
  .refine((settings) => Object.keys(settings).length <= MAX_ENTRIES, `must have at most ${MAX_ENTRIES} entries`)
  .meta({ maxProperties: MAX_ENTRIES });

/** What the channel's provider gave, by name; each channel knows which it needs. Never shown again. */
const secretsSchema = z
  .record(word, z.union([short, z.array(short).max(MAX_ENTRIES)]))
  .refine((secrets) => Object.keys(secrets).length <= MAX_ENTRIES, `must have at most ${MAX_ENTRIES} entries`)
  .meta({ maxProperties: MAX_ENTRIES });

const fields = {
  /** The account at the channel; for Telegram the group's chat id. */
  channelId: label(255).nullable(),
  status: z.enum(CONNECTION_STATUSES),
  settings: settingsSchema,
  secrets: secretsSchema.nullable(),
  /** The last part of the webhook's path, which leads an incoming call to the tenant. Never shown again. */
  webhookSecret: z
    .string()
    .regex(/^[A-Za-z0-9_-]{16,256}$/, 'must be 16 to 256 letters, digits, - or _')
    .nullable(),
};

export const channelInputSchema = z.strictObject({
  type: channelTypeSchema,
  channelId: fields.channelId.default(null),
  status: fields.status.default('active'),
  settings: fields.settings.default({}),
  secrets: fields.secrets.default(null),
  webhookSecret: fields.webhookSecret.default(null),
});
export type ChannelInput = z.infer<typeof channelInputSchema>;

/** A change: each field that is there replaces what is stored, as a whole. What a connection is to stays. */
export const channelPatchSchema = z.strictObject(fields).omit({ channelId: true }).partial();
export type ChannelPatch = z.infer<typeof channelPatchSchema>;

/** The body that connects a Telegram group. What is left out of the secrets is made up: nobody has to know them. */
export const telegramChannelInputSchema = z.strictObject({
  /** The group's chat id, e.g. `-1001234567890`. */
  groupId: z.string().regex(/^-\d{1,20}$/, 'must be the id of a group, e.g. -1001234567890'),
  /** As @BotFather shows them; several bots of one group share its traffic. */
  botTokens: z
    .array(z.string().regex(/^\d{1,20}:[\w-]{1,100}$/, 'must be a bot’s token, e.g. 123:ABC'))
    .min(1)
    .max(20),
  webhookSecret: fields.webhookSecret.unwrap().optional(),
  /** Comes back in the header X-Telegram-Bot-Api-Secret-Token. */
  headerSecret: fields.webhookSecret.unwrap().optional(),
});
export type TelegramChannelInput = z.infer<typeof telegramChannelInputSchema>;

/** A connection as the admin API shows it. */
export const channelViewSchema = z.object({
  id: z.uuid(),
  type: z.enum(CHANNEL_TYPES),
  channelId: z.string().nullable(),
  status: z.enum(CONNECTION_STATUSES),
  settings: z.record(z.string(), z.unknown()),
  hasSecrets: z.boolean(),
  hasWebhook: z.boolean(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type ChannelView = z.infer<typeof channelViewSchema>;

/** JSON Schema has no flag for it. */
function inAnyCase(words: readonly string[]): string {
  const either = (letter: string) => `[${letter}${letter.toUpperCase()}]`;
  return `^(?:${words.map((word) => [...word].map(either).join('')).join('|')})$`;
}
