import { getTableColumns } from 'drizzle-orm';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Db } from '../createDb.ts';
import { sessions } from '../schema/sessions.ts';
import { queryAsTenant } from '../withTenant.ts';

export type Session = typeof sessions.$inferSelect;

const COLUMNS = Object.entries(getTableColumns(sessions)).map(([key, { name }]) => `${name} AS "${key}"`);

/** Every visitor's request asks for it: prepared, and in one round trip. */
const GET_SESSION = {
  name: 'get_session',
  text: `SELECT ${COLUMNS.join(', ')} FROM sessions WHERE tenant_id = $1 AND conversation_id = $2`,
};

/** The session that a conversation was opened with; undefined when it is unknown or erased. */
export async function getSession(db: Db, { tenantId, conversationId }: ConversationRef): Promise<Session | undefined> {
  const statement = { ...GET_SESSION, values: [tenantId, conversationId] };
  const [session] = await queryAsTenant<Session>(db, tenantId, statement);
  return session;
}
