import { TELEGRAM_GROUP_KEY } from '../../schema/channelConnections.ts';

/** What `explainRefusal` says where this constraint refuses a connection. Whose the group is stays unsaid. */
export const CHANNEL_REFUSALS = {
  [TELEGRAM_GROUP_KEY]: { code: 'group_taken', message: 'Another tenant has this group connected. Is its id right?' },
} as const;
