import { v7 as uuidv7 } from 'uuid';
import type { Db } from '../../createDb.ts';
import { lookUp } from '../../lookUp.ts';

export interface NewPlatformAdmin {
  email: string;
  name: string;
  passwordHash: string;
}

/** Makes the account of a platform admin; false when the address has one already. */
export async function insertPlatformAdmin(db: Db, { email, name, passwordHash }: NewPlatformAdmin): Promise<boolean> {
  const inserted = await lookUp(db, {
    name: 'insert_platform_admin',
    text: `WITH person AS (
        INSERT INTO people.users (id, name, email, email_verified, platform_admin) VALUES ($1, $2, $3, true, true)
        ON CONFLICT (email) DO NOTHING RETURNING id
      )
      INSERT INTO people.accounts (id, user_id, provider_id, account_id, password)
      SELECT $4, id, 'credential', id, $5 FROM person RETURNING id`,
    values: [uuidv7(), name, email, uuidv7(), passwordHash],
  });
  return inserted !== undefined;
}
