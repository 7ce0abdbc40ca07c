import { and, eq, ne, or, sql } from 'drizzle-orm';
import type { VisitorTraits } from '../../../contracts/webchat.ts';
import type { ConversationRef } from '../../../contracts/workflowId.ts';
import type { Db } from '../../createDb.ts';
import { sessions } from '../../schema/sessions.ts';
import { withTenant } from '../../withTenant.ts';

/** Keeps what a site says of its visitor; false when it is known already. What nobody signed never takes the place of what was signed. */
export async function saveTraits(
  db: Db,
  { tenantId, conversationId }: ConversationRef,
  { traits, verified }: { traits: VisitorTraits; verified: boolean },
): Promise<boolean> {
  const { rowCount } = await withTenant(db, tenantId, (tx) =>
    tx
      .update(sessions)
      .set({ traits, traitsVerified: verified })
      .where(
        and(
          eq(sessions.tenantId, tenantId),
          eq(sessions.conversationId, conversationId),
          or(sql`${verified}::boolean`, eq(sessions.traitsVerified, false)),
          or(ne(sessions.traits, traits), ne(sessions.traitsVerified, verified)),
        ),
      ),
  );
  return (rowCount ?? 0) > 0;
}
