import { and, eq } from 'drizzle-orm';
import type { VisitSource } from '../../contracts/webchat.ts';
import type { Db } from '../createDb.ts';
import { sessions } from '../schema/sessions.ts';
import { withTenant } from '../withTenant.ts';
import type { Session } from './getSession.ts';

export interface NewSession {
  tenantId: string;
  siteId: string;
  /** Taken when the visitor is new. */
  conversationId: string;
  externalSessionId?: string;
  visitorName?: string;
  source: VisitSource;
}

/**
 * The visitor's session: the one that the site knows under `externalSessionId`, else a new one. Of several requests that
 * come at once, one makes it and all get it. The first visit's name and source stay.
 */
export async function insertSession(db: Db, session: NewSession): Promise<Session> {
  const { tenantId, siteId, externalSessionId } = session;
  return withTenant(db, tenantId, async (tx) => {
    const [made] = await tx.insert(sessions).values(session).onConflictDoNothing().returning();
    if (made) return made;
    const ofVisitor = and(eq(sessions.siteId, siteId), eq(sessions.externalSessionId, externalSessionId ?? ''));
    const [known] = await tx
      .select()
      .from(sessions)
      .where(
        and(
          eq(sessions.tenantId, tenantId),
          externalSessionId === undefined ? eq(sessions.conversationId, session.conversationId) : ofVisitor,
        ),
      );
    if (!known) throw new Error('The conversation id belongs to another visitor');
    return known;
  });
}
