import { v7 as uuidv7 } from 'uuid';
import { accounts } from '../../schema/people/accounts.ts';
import { users } from '../../schema/people/users.ts';
import type { TenantTx } from '../../withTenant.ts';

export interface NewPerson {
  /** In lower case, and proved to be theirs. */
  email: string;
  name: string;
  /** How they sign in: with a password, or as somebody whom an identity provider vouches for. */
  login: { passwordHash: string } | { providerId: string; subject: string };
}

/** Makes a person with one way to sign in, within the transaction that makes them a member; undefined when the address has an account. */
export async function insertPerson(tx: TenantTx, { email, name, login }: NewPerson): Promise<string | undefined> {
  const userId = uuidv7();
  const inserted = await tx
    .insert(users)
    .values({ id: userId, email, name, emailVerified: true })
    .onConflictDoNothing({ target: users.email })
    .returning({ id: users.id });
  if (inserted.length === 0) return undefined;
  const account =
    'passwordHash' in login
      ? { providerId: 'credential', accountId: userId, password: login.passwordHash }
      : { providerId: login.providerId, accountId: login.subject };
  await tx.insert(accounts).values({ ...account, id: uuidv7(), userId });
  return userId;
}
