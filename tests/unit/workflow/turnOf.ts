import type { ConversationInput } from '../../../contracts/conversation.ts';
import { conversationSettingsSchema } from '../../../contracts/site.ts';
import { decide } from '../../../workflows/conversation/decide.ts';
import type { ConversationState, InboxItem } from '../../../workflows/conversation/state.ts';
import { newTurn, type Turn } from '../../../workflows/conversation/turn.ts';

/** A conversation without flow and AI, whose topic is opened for a person. */
export const input: ConversationInput = {
  tenantId: '0198c000-0000-7000-8000-000000000001',
  conversationId: '0198c000-0000-7000-8000-000000000002',
  channel: 'web',
  visitor: {},
  source: {},
  setup: {
    siteId: '0198c000-0000-7000-8000-000000000003',
    flow: null,
    settings: conversationSettingsSchema.parse({ aiEnabled: false, topicPolicy: 'handover' }),
  },
};

/** Decides the items as one turn of that conversation, at `now` (epoch milliseconds). */
export function turnOf(state: ConversationState, items: InboxItem[], now: number): Turn {
  const turn = newTurn();
  for (const item of items) decide({ input, state, turn, now }, item);
  return turn;
}
