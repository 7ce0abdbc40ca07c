import { timestamp, uuid } from 'drizzle-orm/pg-core';

/** Every table's first column; the row level security policy compares it with `app.tenant_id`. */
export const tenantId = () => uuid('tenant_id').notNull();

/** A moment with millisecond precision, which is what epoch milliseconds carry through without rounding. */
export const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

export const createdAt = () => moment('created_at').notNull().defaultNow();
export const updatedAt = () => moment('updated_at').notNull().defaultNow();
