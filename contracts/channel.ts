import { z } from 'zod';

export const CHANNEL_TYPES = ['web', 'facebook', 'telegram', 'whatsapp', 'portal'] as const;
export type ChannelType = (typeof CHANNEL_TYPES)[number];

/** Takes any case and gives lower case: the only spelling that is stored. */
export const channelTypeSchema = z.string().toLowerCase().pipe(z.enum(CHANNEL_TYPES));
