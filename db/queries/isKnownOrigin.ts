import type { Environment } from '../../contracts/tenantSettings.ts';
import type { Db } from '../createDb.ts';
import { lookUp } from '../lookUp.ts';

/** Whether pages of this origin may embed any site of any tenant. */
export async function isKnownOrigin(db: Db, origin: string, environment: Environment): Promise<boolean> {
  const found = await lookUp<{ known: boolean }>(db, {
    name: 'is_known_origin',
    text: 'SELECT is_known_origin($1, $2) AS known',
    values: [origin, environment],
  });
  return found?.known ?? false;
}
