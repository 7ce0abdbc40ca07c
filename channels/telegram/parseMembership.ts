import { z } from 'zod';
import type { BotTrouble } from '../../contracts/notices.ts';

/** What became of a bot in a group. */
export type MembershipChange =
  /** It was let in, or given its rights: what could not be delivered may be possible now. */
  | { kind: 'repaired' }
  /** Somebody has to mend it. `at` is epoch milliseconds; `letIn`: it was shut out before, and may write now. */
  | { kind: 'damaged'; chatId: string; botId: string; trouble: BotTrouble; at: number; letIn: boolean };

const changeSchema = z.object({
  date: z.number(),
  chat: z.object({ id: z.number(), type: z.enum(['group', 'supergroup']) }),
  old_chat_member: z.object({ status: z.string() }),
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
  const { date, chat, old_chat_member: before, new_chat_member: member } = parsed.data;
  const trouble = troubleOf(member);
  if (!trouble) return { kind: 'repaired' };
  const letIn = member.status === 'member' && !isAdministrator(before);
  return { kind: 'damaged', chatId: String(chat.id), botId: String(member.user.id), trouble, at: date * 1_000, letIn };
}

/**
 * A plain member may write, and make topics where the group lets everyone; but in privacy mode, which is the default, it hears
 * commands and replies alone, and what agents answer is lost without a sign.
 */
function troubleOf({
  status,
  can_manage_topics,
}: {
  status: string;
  can_manage_topics?: boolean;
}): BotTrouble | undefined {
  if (status === 'creator') return undefined;
  if (status === 'administrator') return can_manage_topics ? undefined : 'rights_missing';
  if (status === 'member') return 'not_administrator';
  return status === 'restricted' ? 'rights_missing' : 'kicked';
}

function isAdministrator({ status }: { status: string }): boolean {
  return status === 'administrator' || status === 'creator';
}
