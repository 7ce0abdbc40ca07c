import { and, eq } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { sessions } from '../../schema/sessions.ts';
import { withTenant } from '../../withTenant.ts';
import type { Session } from '../getSession.ts';

/** Whom a site's token names. */
export interface VerifiedUser {
  tenantId: string;
  siteId: string;
  verifiedUserId: string;
}

/** The session of the site's verified user, the same on every device; undefined when there is none yet. */
export async function findVerifiedSession(db: Db, user: VerifiedUser): Promise<Session | undefined> {
  const [session] = await withTenant(db, user.tenantId, (tx) =>
    tx
      .select()
      .from(sessions)
      .where(
        and(
          eq(sessions.tenantId, user.tenantId),
          eq(sessions.siteId, user.siteId),
          eq(sessions.verifiedUserId, user.verifiedUserId),
        ),
      ),
  );
  return session;
}
