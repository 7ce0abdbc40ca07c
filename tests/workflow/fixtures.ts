import { conversationSettingsSchema } from '../../contracts/site.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const agent = { id: 'telegram:7', name: 'Agent A' };
export const otherAgent = { id: 'telegram:8', name: 'Agent B' };

/** The words of a site that changed none of them. */
export const { copy } = conversationSettingsSchema.parse({});
