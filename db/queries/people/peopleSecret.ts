import type { Db } from '../../createDb.ts';
import { lookUp } from '../../lookUp.ts';

/** The installation's sealed secret; of several that are offered at once the first is kept, and everybody gets that one. */
export async function keepPeopleSecret(db: Db, offered: Buffer): Promise<Buffer> {
  await lookUp(db, {
    name: 'insert_people_secret',
    text: 'INSERT INTO people.secret (sealed) VALUES ($1) ON CONFLICT (id) DO NOTHING',
    values: [offered],
  });
  return (await readPeopleSecret(db)) ?? offered;
}

/** Undefined until there is one. */
export async function readPeopleSecret(db: Db): Promise<Buffer | undefined> {
  const row = await lookUp<{ sealed: Buffer }>(db, {
    name: 'read_people_secret',
    text: 'SELECT sealed FROM people.secret',
  });
  return row?.sealed;
}
