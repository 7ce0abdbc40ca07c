import { z } from 'zod';

/** What a Telegram connection keeps encrypted: the bots that serve the group, and the secret of the webhook's header. */
export const telegramSecretsSchema = z.object({
  botTokens: z.array(z.string().regex(/^\d+:\S+$/)).min(1),
  headerSecret: z.string().optional(),
});
export type TelegramSecrets = z.infer<typeof telegramSecretsSchema>;

/** The public part of a token: the bot's user id. */
export function botIdOf(token: string): string {
  return token.slice(0, token.indexOf(':'));
}
