import type { Db } from './createDb.ts';

/** Whether Postgres answers. Takes as long as a query may, so give it a deadline of its own. */
export async function ping(db: Db): Promise<boolean> {
  return db.pool.query('SELECT 1').then(
    () => true,
    () => false,
  );
}
