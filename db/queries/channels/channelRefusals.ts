import { TELEGRAM_BOTS_KEY, TELEGRAM_GROUP_KEY } from '../../schema/channelConnections.ts';

/** What `explainRefusal` says where one of these refuses a connection. Whose the group or the bot is stays unsaid. */
export const CHANNEL_REFUSALS = {
  [TELEGRAM_GROUP_KEY]: { code: 'group_taken', message: 'Another tenant has this group connected. Is its id right?' },
  [TELEGRAM_BOTS_KEY]: {
    code: 'bot_taken',
    message: 'Another tenant uses one of these bots: give each tenant a bot of its own.',
  },
} as const;
