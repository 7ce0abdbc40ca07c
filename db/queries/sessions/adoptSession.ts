import { and, eq, isNull } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { DatabaseError } from '../../databaseError.ts';
import { sessions } from '../../schema/sessions.ts';
import { withTenant } from '../../withTenant.ts';
import type { Session } from '../getSession.ts';
import type { VerifiedUser } from './findVerifiedSession.ts';

const UNIQUE_VIOLATION = '23505';

/**
 * Gives a visitor's conversation to the verified user that the visitor turned out to be. Undefined, and nothing changes, where it
 * is somebody's already, revoked or unknown, or where the user has got another one meanwhile.
 */
export async function adoptSession(
  db: Db,
  { tenantId, siteId, verifiedUserId }: VerifiedUser,
  conversationId: string,
): Promise<Session | undefined> {
  try {
    const [session] = await withTenant(db, tenantId, (tx) =>
      tx
        .update(sessions)
        .set({ verifiedUserId, externalSessionId: null })
        .where(
          and(
            eq(sessions.tenantId, tenantId),
            eq(sessions.conversationId, conversationId),
            eq(sessions.siteId, siteId),
            isNull(sessions.verifiedUserId),
            isNull(sessions.revokedAt),
          ),
        )
        .returning(),
    );
    return session;
  } catch (error) {
    if (error instanceof DatabaseError && error.sqlState === UNIQUE_VIOLATION) return undefined;
    throw error;
  }
}
