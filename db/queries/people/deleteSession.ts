import type { Db } from '../../createDb.ts';
import { lookUp } from '../../lookUp.ts';

/** Ends one session of a person. */
export async function deleteSession(db: Db, sessionId: string): Promise<void> {
  await lookUp(db, {
    name: 'delete_person_session',
    text: 'DELETE FROM people.sessions WHERE id = $1',
    values: [sessionId],
  });
}
