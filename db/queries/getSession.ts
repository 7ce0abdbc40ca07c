import { and, eq } from 'drizzle-orm';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Db } from '../createDb.ts';
import { sessions } from '../schema/sessions.ts';
import { withTenant } from '../withTenant.ts';

export type Session = typeof sessions.$inferSelect;

/** The session that a conversation was opened with; undefined when it is unknown or erased. */
export async function getSession(db: Db, { tenantId, conversationId }: ConversationRef): Promise<Session | undefined> {
  const [session] = await withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(sessions)
      .where(and(eq(sessions.tenantId, tenantId), eq(sessions.conversationId, conversationId))),
  );
  return session;
}
