import type { Db } from '../../createDb.ts';
import { lookUp } from '../../lookUp.ts';

/** Whose conversation this is; undefined for an id that no conversation of the portal has. */
export async function findPortalTenant(db: Db, conversationId: string): Promise<string | undefined> {
  const found = await lookUp<{ tenant_id: string }>(db, {
    name: 'find_portal_conversation',
    text: 'SELECT tenant_id FROM find_portal_conversation($1)',
    values: [conversationId],
  });
  return found?.tenant_id;
}
