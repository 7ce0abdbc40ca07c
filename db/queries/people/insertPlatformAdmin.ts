import { eq } from 'drizzle-orm';
import { DEFAULT_TENANT_ID } from '../../../contracts/workflowId.ts';
import type { Db } from '../../createDb.ts';
import { users } from '../../schema/people/users.ts';
import { withTenant } from '../../withTenant.ts';
import { insertPerson } from './insertPerson.ts';
import { notePlatformAdmin } from './notePlatformAdmin.ts';

export interface NewPlatformAdmin {
  email: string;
  name: string;
  passwordHash: string;
}

/** Makes the account of a platform admin; false when the address has one already. */
export async function insertPlatformAdmin(db: Db, { email, name, passwordHash }: NewPlatformAdmin): Promise<boolean> {
  return withTenant(db, DEFAULT_TENANT_ID, async (tx) => {
    const userId = await insertPerson(tx, { email, name, login: { passwordHash } });
    if (userId === undefined) return false;
    await tx.update(users).set({ platformAdmin: true }).where(eq(users.id, userId));
    await notePlatformAdmin(tx, userId);
    return true;
  });
}
