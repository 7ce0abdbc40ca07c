import type { Db } from '../../createDb.ts';
import { lookUp } from '../../lookUp.ts';

export interface FoundPerson {
  userId: string;
  platformAdmin: boolean;
}

/** The account with this address (lower case); people belong to the installation, not to a tenant. */
export async function findPersonByEmail(db: Db, email: string): Promise<FoundPerson | undefined> {
  const found = await lookUp<{ id: string; platform_admin: boolean }>(db, {
    name: 'find_person_by_email',
    text: 'SELECT id, platform_admin FROM people.users WHERE email = $1',
    values: [email],
  });
  return found && { userId: found.id, platformAdmin: found.platform_admin };
}
