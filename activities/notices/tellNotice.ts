import type { ChannelFailure } from '../../channels/port.ts';
import type { TelegramConnection, TelegramDirectory } from '../../channels/telegram/createTelegramDirectory.ts';
import type { TelegramSlots } from '../../channels/telegram/slots/slots.ts';
import { OUTBOX_PRIORITY } from '../../contracts/outboxPriority.ts';
import type { Db } from '../../db/createDb.ts';
import { claimNotice, settleNotice } from '../../db/queries/notices/changeNotice.ts';
import type { GroupNotice } from '../../db/queries/notices/findNotices.ts';
import { slotFailure, unavailableFailure } from '../delivery/deliveryFailures.ts';
import { followUpgrade } from '../delivery/followUpgrade.ts';
import { isOut } from '../delivery/takeSlot.ts';
import { noticeText } from './noticeText.ts';

/** How long a bot that Telegram refused is left out of the choice. */
const REFUSED_MS = 60_000;

/**
 * Says one notice in the group's General topic, by whichever bot may. Returns why no bot can, for somebody else to be told;
 * undefined when it is settled. Throws what passes.
 */
export async function tellNotice(
  { db, slots, telegram }: { db: Db; slots: TelegramSlots; telegram: Pick<TelegramDirectory, 'forget' | 'nameOf'> },
  connection: TelegramConnection,
  notice: GroupNotice,
): Promise<string | undefined> {
  const { chatId, bots } = connection;
  const text = noticeText(notice.notice, Date.now(), await namedIn(telegram, notice));
  // Each turn takes one bot out of the choice, or is the last.
  for (let turn = 0; turn <= bots.length; turn += 1) {
    const slot = await slots.reserve({
      botIds: bots.map(({ botId }) => botId),
      chatId,
      owner: `notice/${notice.tenantId}`,
      priority: isUrgent(notice) ? OUTBOX_PRIORITY.urgent : OUTBOX_PRIORITY.bot,
      since: notice.createdAt.getTime(),
      scope: 'messages',
      wanted: 1,
    });
    if (slot.kind === 'refused') return slot.reason;
    if (slot.kind === 'wait') {
      if (isOut(slot)) return 'throttled';
      throw slotFailure(slot.waitMs);
    }
    const { botId } = slot;
    const client = bots.find((bot) => bot.botId === botId)?.client;
    if (!client || !(await claimNotice(db, notice, { botId, chatId }))) return undefined;
    const result = await client.announce(chatId, text, !isUrgent(notice));
    if (result.ok) {
      await settleNotice(db, notice, { state: 'sent', telegramMessageId: Number(result.value.messageId) });
      return undefined;
    }
    const failure = await followUpgrade(db, { tenantId: notice.tenantId, chatId }, result.failure);
    await settleNotice(db, notice, settledBy(failure));
    if (failure.kind === 'throttled') {
      await slots.pause(botId, chatId, failure.retryAfterMs);
      continue;
    }
    if (failure.kind === 'migrated') {
      const botIds = bots.map((bot) => bot.botId);
      await slots.moveGroup(botIds, chatId, failure.chatId);
      telegram.forget(notice.tenantId);
    }
    if (failure.kind === 'unavailable' || failure.kind === 'migrated') throw unavailableFailure(failure.kind);
    if (failure.kind !== 'parked') return undefined;
    await slots.refuse({ botId, chatId, scope: 'messages', reason: failure.reason, ms: REFUSED_MS });
  }
  return 'refused';
}

/** The name of the bot that a notice speaks of, if it does and Telegram tells. */
export async function namedIn(
  telegram: Pick<TelegramDirectory, 'nameOf'>,
  { tenantId, notice }: GroupNotice,
): Promise<string | undefined> {
  return notice.kind === 'trouble' ? telegram.nameOf(tenantId, notice.botId) : undefined;
}

/** Only what needs somebody makes a sound. */
function isUrgent({ notice }: GroupNotice): boolean {
  return notice.kind === 'alert' || notice.kind === 'trouble';
}

/** A definite no leaves it to be told; an answer that never came may have been a yes. */
function settledBy(failure: ChannelFailure): Parameters<typeof settleNotice>[2] {
  switch (failure.kind) {
    case 'throttled':
    case 'unavailable':
    case 'migrated':
    case 'parked':
      return { state: 'pending', lastError: failure.kind };
    case 'unknown_outcome':
      return { state: 'unknown', lastError: failure.kind };
    default:
      return { state: 'failed', lastError: failure.kind };
  }
}
