import type { Role } from '../../../contracts/access.ts';
import type { Db } from '../../createDb.ts';
import { lookUpAll } from '../../lookUp.ts';

/** The person's role in each tenant that they are a member of. */
export async function listMemberships(db: Db, userId: string): Promise<ReadonlyMap<string, Role>> {
  const rows = await lookUpAll<{ tenant_id: string; role: Role }>(db, {
    name: 'list_memberships',
    text: 'SELECT tenant_id, role FROM list_memberships($1)',
    values: [userId],
  });
  return new Map(rows.map(({ tenant_id, role }) => [tenant_id, role]));
}
