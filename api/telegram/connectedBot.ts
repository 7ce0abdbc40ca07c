import type { BotAccount } from '../../channels/telegram/createBotAccount.ts';

/** A connection's bot, as one may ask Telegram about it. */
export interface ConnectedBot {
  botId: string;
  account: BotAccount;
}
