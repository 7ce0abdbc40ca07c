import type { ChannelResult } from '../port.ts';
import { AGENT_COMMANDS } from './agentCommands.ts';
import type { BotAccount, WebhookTarget } from './createBotAccount.ts';

const MENU = AGENT_COMMANDS.map(({ command, description }) => ({ command, description }));

/**
 * Tells Telegram where the bot's updates go (without a webhook whoever polls asks for them), and what agents in the group may
 * ask for. A menu that was refused is no reason to do without the updates.
 */
export async function introduceBot(
  account: BotAccount,
  { chatId, webhook }: { chatId: string; webhook: WebhookTarget | undefined },
): Promise<ChannelResult<void>> {
  const [updates, menu] = await Promise.all([
    webhook ? account.setWebhook(webhook) : ({ ok: true, value: undefined } as const),
    account.offerCommands(chatId, MENU),
  ]);
  return updates.ok ? menu : updates;
}
