import type { Method } from '../emulator.ts';
import { botMethods } from './botMethods.ts';
import { chatMethods } from './chatMethods.ts';
import { mediaMethods } from './mediaMethods.ts';
import { messageMethods } from './messageMethods.ts';
import { reactionMethods } from './reactionMethods.ts';
import { topicMethods } from './topicMethods.ts';

/** All methods but getUpdates, which waits and so lives with the updates. */
export const methods: Record<string, Method> = {
  ...botMethods,
  ...chatMethods,
  ...mediaMethods,
  ...messageMethods,
  ...reactionMethods,
  ...topicMethods,
};
