import type { ChatFromGetChat, ChatMember, UserFromGetMe, WebhookInfo } from 'telegraf/types';
import type { Problem, ProblemCode } from '../../contracts/diagnosis.ts';
import type { ChannelFailure } from '../port.ts';
import { ALLOWED_UPDATES, type BotAccount } from './createBotAccount.ts';
import { describeProblem } from './problemWords.ts';

/** Where a webhook leads: to the connection, to one that it had before, or to another program. */
type WebhookPlace = 'here' | 'outdated' | 'elsewhere';

/** How the bot's updates are to come in. */
export type ExpectedUpdates =
  | { mode: 'polling' }
  | { mode: 'webhook'; placeOf(url: string): WebhookPlace }
  /** By webhook, at an address that nobody has told. */
  | { mode: 'nowhere' }
  /** Not to be judged: they are not set up yet. */
  | { mode: 'unasked' };

export interface BotToDiagnose {
  botId: string;
  account: BotAccount;
}

export interface BotFindings {
  username: string | null;
  groupTitle: string | null;
  problems: Problem[];
}

type Found = (code: ProblemCode, detail?: string) => void;

/** Telegram tells of the last failure for as long as the webhook is set. */
const RECENT_FAILURE_MS = 15 * 60_000;

/** What a right is for, by its name in ChatMemberAdministrator. */
const RIGHTS = [
  ['can_manage_topics', 'cannot_manage_topics'],
  ['can_pin_messages', 'cannot_pin_messages'],
  ['can_delete_messages', 'cannot_delete_messages'],
] as const;

/** Asks Telegram all that decides whether the bot can serve the group. Some reads, and nothing of the group's budget. */
export async function diagnoseBot(
  { botId, account }: BotToDiagnose,
  chatId: string,
  updates: ExpectedUpdates,
): Promise<BotFindings> {
  const problems: Problem[] = [];
  let bot = `the bot ${botId}`;
  let group = chatId;
  const found: Found = (code, detail) => problems.push(describeProblem(code, { botId, bot, group, detail }));
  const findings = (me?: UserFromGetMe, chat?: ChatFromGetChat): BotFindings => ({
    username: me?.username ?? null,
    groupTitle: chat ? titleOf(chat) : null,
    problems,
  });

  const me = await account.getMe();
  if (!me.ok) {
    foundFailure(me.failure, found);
    return findings();
  }
  bot = `@${me.value.username}`;
  const [chat, member, webhook] = await Promise.all([
    account.getChat(chatId),
    account.getMembership(chatId, botId),
    account.getWebhook(),
  ]);
  if (chat.ok) {
    group = titleOf(chat.value) ?? chatId;
    judgeGroup(chat.value, found);
  } else foundFailure(chat.failure, found);
  if (member.ok) judgeMembership(member.value, me.value, found);
  else if (chat.ok) foundFailure(member.failure, found);
  if (webhook.ok) judgeWebhook(webhook.value, updates, found);
  else foundFailure(webhook.failure, found);
  return findings(me.value, chat.ok ? chat.value : undefined);
}

function foundFailure(failure: ChannelFailure, found: Found): void {
  if (failure.kind === 'migrated') return found('group_upgraded', failure.chatId);
  if (failure.kind !== 'parked') return found('telegram_unreachable', wordOf(failure));
  if (failure.reason === 'token_revoked') return found('token_refused');
  return found(failure.reason === 'group_gone' ? 'group_not_found' : 'bot_not_in_group');
}

function wordOf(failure: ChannelFailure): string {
  return 'description' in failure ? failure.description : failure.kind;
}

function judgeGroup(chat: ChatFromGetChat, found: Found): void {
  if (chat.type === 'private' || chat.type === 'channel') return found('not_a_group', chat.type);
  if (chat.type !== 'supergroup' || !chat.is_forum) found('topics_off');
}

function judgeMembership(member: ChatMember, me: UserFromGetMe, found: Found): void {
  if (member.status === 'left' || member.status === 'kicked') return found('bot_not_in_group');
  const isAdmin = member.status === 'administrator' || member.status === 'creator';
  if (member.status === 'administrator') {
    for (const [right, code] of RIGHTS) if (!member[right]) found(code);
  } else if (!isAdmin) found('bot_not_admin');
  if (!me.can_read_all_group_messages) found('privacy_mode_on', isAdmin ? undefined : 'deaf');
}

function judgeWebhook(webhook: WebhookInfo, updates: ExpectedUpdates, found: Found): void {
  const url = webhook.url ?? '';
  if (updates.mode === 'unasked') return;
  if (updates.mode === 'polling') return url === '' ? undefined : found('webhook_in_the_way');
  if (updates.mode === 'nowhere') return found('public_url_missing');
  if (url === '') return found('webhook_missing');
  const place = updates.placeOf(url);
  if (place === 'outdated') return found('webhook_outdated');
  // The path may be a secret of another program.
  if (place === 'elsewhere') return found('webhook_elsewhere', URL.parse(url)?.host);
  const asked: readonly string[] = webhook.allowed_updates ?? ALLOWED_UPDATES;
  const missing = ALLOWED_UPDATES.filter((kind) => !asked.includes(kind));
  if (missing.length > 0) found('webhook_deaf', missing.join(', '));
  const failedAt = (webhook.last_error_date ?? 0) * 1_000;
  if (Date.now() - failedAt < RECENT_FAILURE_MS) found('webhook_failing', webhook.last_error_message);
}

function titleOf(chat: ChatFromGetChat): string | null {
  return 'title' in chat ? chat.title : null;
}
