import type { Db } from '../../createDb.ts';
import { lookUp } from '../../lookUp.ts';

/** Lets a person who has an account run the installation; false when nobody has this id. */
export async function makePlatformAdmin(db: Db, userId: string): Promise<boolean> {
  const changed = await lookUp(db, {
    name: 'make_platform_admin',
    text: 'UPDATE people.users SET platform_admin = true, updated_at = now() WHERE id = $1 RETURNING id',
    values: [userId],
  });
  return changed !== undefined;
}
