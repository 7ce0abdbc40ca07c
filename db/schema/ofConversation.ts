import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import { foreignKey } from 'drizzle-orm/pg-core';
import { conversations } from './conversations.ts';

/** The reference of a row to its conversation. It names the tenant too: a row can never hang on another tenant's conversation. */
export function ofConversation(name: string, table: { tenantId: AnyPgColumn; conversationId: AnyPgColumn }) {
  return foreignKey({
    name,
    columns: [table.tenantId, table.conversationId],
    foreignColumns: [conversations.tenantId, conversations.id],
  }).onDelete('cascade');
}
