import type { Db } from '../../createDb.ts';
import { lookUp } from '../../lookUp.ts';

/** Notes that the session is in use. */
export async function touchSession(db: Db, sessionId: string): Promise<void> {
  await lookUp(db, {
    name: 'touch_person_session',
    text: 'UPDATE people.sessions SET updated_at = now() WHERE id = $1',
    values: [sessionId],
  });
}
