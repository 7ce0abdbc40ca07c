import { z } from 'zod';

/** blocking: nothing works until it is mended; limiting: something does not work; hint: good to know. */
const severitySchema = z.enum(['blocking', 'limiting', 'hint']);

/** What can be wrong with a channel. Stable: consoles and runbooks name them. */
export const problemCodeSchema = z.enum([
  'channel_disabled',
  'telegram_switched_off',
  'secrets_missing',
  'telegram_unreachable',
  'token_refused',
  'group_not_found',
  'bot_not_in_group',
  'group_upgraded',
  'not_a_group',
  'topics_off',
  'bot_not_admin',
  'cannot_manage_topics',
  'cannot_pin_messages',
  'cannot_delete_messages',
  'privacy_mode_on',
  'public_url_missing',
  'webhook_missing',
  'webhook_outdated',
  'webhook_elsewhere',
  'webhook_deaf',
  'webhook_failing',
  'webhook_in_the_way',
]);
export type ProblemCode = z.infer<typeof problemCodeSchema>;

export const problemSchema = z.object({
  code: problemCodeSchema,
  severity: severitySchema,
  /** The bot that it is about; null for what is about all. */
  botId: z.string().nullable(),
  /** What is wrong, in plain words. */
  problem: z.string(),
  /** What to press or set, and where. */
  remedy: z.string(),
});
export type Problem = z.infer<typeof problemSchema>;

/** How a channel is, as far as its provider and our settings tell. */
export const diagnosisSchema = z.object({
  checkedAt: z.iso.datetime(),
  /** Nothing blocks it. */
  ready: z.boolean(),
  /** How updates come in; null where the channel has none. */
  updates: z.enum(['webhook', 'polling']).nullable(),
  group: z.object({ id: z.string(), title: z.string() }).nullable(),
  bots: z.array(z.object({ id: z.string(), username: z.string().nullable() })),
  problems: z.array(problemSchema),
});
export type Diagnosis = z.infer<typeof diagnosisSchema>;
