import { bigint, check, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { Notice } from '../../contracts/notices.ts';
import { createdAt, tenantId, updatedAt } from './columns.ts';
import { oneOf } from './oneOf.ts';
import { tenants } from './tenants.ts';

/** As in the delivery ledger, without `parked`: what is late says nothing any more. `mailed`: no bot could say it. */
const NOTICE_STATES = ['pending', 'sending', 'sent', 'unknown', 'mailed', 'failed'] as const;

/** What the General topic of a tenant's group is told: alerts and the day's summary, each at most once. */
export const groupNotices = pgTable(
  'group_notices',
  {
    tenantId: tenantId().references(() => tenants.id),
    /** Its kind and what makes it the only one, e.g. `summary/2026-05-06`; alerts are in the order of time. */
    key: text('key').notNull(),
    notice: jsonb('notice').$type<Notice>().notNull(),
    state: text('state', { enum: NOTICE_STATES }).notNull().default('pending'),
    /** A stable word. */
    lastError: text('last_error'),
    botId: text('bot_id'),
    chatId: text('chat_id'),
    telegramMessageId: bigint('telegram_message_id', { mode: 'number' }),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.key] }),
    check('group_notices_state_check', oneOf(table.state, NOTICE_STATES)),
  ],
);
