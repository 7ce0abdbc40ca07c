import type { Db } from '../../createDb.ts';
import { lookUp } from '../../lookUp.ts';

/** Deletes everybody's sessions, resets and sign-ins under way whose time is over. */
export async function deleteExpired(db: Db): Promise<void> {
  await lookUp(db, {
    name: 'delete_expired_sessions',
    text: 'DELETE FROM people.sessions WHERE expires_at < now()',
  });
  await lookUp(db, {
    name: 'delete_expired_verifications',
    text: 'DELETE FROM people.verifications WHERE expires_at < now()',
  });
}
