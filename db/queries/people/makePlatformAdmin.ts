import { eq, sql } from 'drizzle-orm';
import { DEFAULT_TENANT_ID } from '../../../contracts/workflowId.ts';
import type { Db } from '../../createDb.ts';
import { users } from '../../schema/people/users.ts';
import { withTenant } from '../../withTenant.ts';
import { notePlatformAdmin } from './notePlatformAdmin.ts';

/** Lets a person who has an account run the installation; false when nobody has this id. */
export async function makePlatformAdmin(db: Db, userId: string): Promise<boolean> {
  return withTenant(db, DEFAULT_TENANT_ID, async (tx) => {
    const changed = await tx
      .update(users)
      .set({ platformAdmin: true, updatedAt: sql`now()` })
      .where(eq(users.id, userId))
      .returning({ id: users.id });
    if (changed.length === 0) return false;
    await notePlatformAdmin(tx, userId);
    return true;
  });
}
