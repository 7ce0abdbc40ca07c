import { z } from 'zod';
import type { BotTrouble } from '../../contracts/notices.ts';

/** What became of a bot in a group. */
export type MembershipChange =
  /** It was let in, or given its rights: what could not be delivered may be possible now. */
  | { kind: 'repaired' }
  /** Somebody has to mend it. `at` is epoch milliseconds. */
  | { kind: 'damaged'; chatId: string; botId: string; trouble: BotTrouble; at: number };

const changeSchema = z.object({
  date: z.number(),
  chat: z.object({ id: z.number(), type: z.enum(['group', 'supergroup']) }),
  new_chat_member: z.object({
    user: z.object({ id: z.number() }),
    status: z.string(),
    can_manage_topics: z.boolean().optional(),
  }),
});

/** What the bot's own `my_chat_member` says; undefined for private chats, and for rubbish. */
export function parseMembership(update: unknown): MembershipChange | undefined {
  const parsed = changeSchema.safeParse(update);
  if (!parsed.success) return undefined;
  const { date, chat, new_chat_member: member } = parsed.data;
  const trouble = troubleOf(member);
  if (!trouble) return { kind: 'repaired' };
  return { kind: 'damaged', chatId: String(chat.id), botId: String(member.user.id), trouble, at: date * 1_000 };
}

/** A group may let plain members make topics: one that was just let in is tried. */
function troubleOf({
  status,
  can_manage_topics,
}: {
  status: string;
  can_manage_topics?: boolean;
}): BotTrouble | undefined {
  if (status === 'creator' || status === 'member') return undefined;
  if (status === 'administrator') return can_manage_topics ? undefined : 'rights_missing';
  return status === 'restricted' ? 'rights_missing' : 'kicked';
}
