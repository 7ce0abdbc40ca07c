import { and, eq, type SQL } from 'drizzle-orm';
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
  /** By a token of the site; one with this has no `externalSessionId`. */
  verifiedUserId?: string;
  visitorName?: string;
  source: VisitSource;
}

/**
 * The visitor's session: the one that the site knows under `verifiedUserId` or `externalSessionId`, else a new one. Of several
 * requests that come at once, one makes it and all get it. The first visit's name and source stay.
 */
export async function insertSession(db: Db, session: NewSession): Promise<Session> {
  const { tenantId } = session;
  return withTenant(db, tenantId, async (tx) => {
    const [made] = await tx.insert(sessions).values(session).onConflictDoNothing().returning();
    if (made) return made;
    const [known] = await tx
      .select()
      .from(sessions)
      .where(and(eq(sessions.tenantId, tenantId), sameVisitor(session)));
    if (!known) throw new Error('The conversation id belongs to another visitor');
    return known;
  });
}

function sameVisitor({ siteId, conversationId, externalSessionId, verifiedUserId }: NewSession): SQL | undefined {
  const ofSite = eq(sessions.siteId, siteId);
  if (verifiedUserId !== undefined) return and(ofSite, eq(sessions.verifiedUserId, verifiedUserId));
  if (externalSessionId !== undefined) return and(ofSite, eq(sessions.externalSessionId, externalSessionId));
  return eq(sessions.conversationId, conversationId);
}
