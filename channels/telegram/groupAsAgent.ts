import type { Agent } from '../../contracts/conversation.ts';

/** Who speaks where an administrator does so in the group's name: all who do are one. */
export function groupAsAgent(chatId: string): Agent {
  return { id: `telegram:${chatId}`, name: 'Support' };
}
