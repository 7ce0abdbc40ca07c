import { and, eq } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { memberships } from '../../schema/memberships.ts';
import { users } from '../../schema/people/users.ts';
import { withTenant } from '../../withTenant.ts';

/** E-mail addresses of the tenant's administrators. */
export async function listAdministrators(db: Db, tenantId: string): Promise<string[]> {
  const rows = await withTenant(db, tenantId, (tx) =>
    tx
      .select({ email: users.email })
      .from(memberships)
      .innerJoin(users, eq(users.id, memberships.userId))
      .where(and(eq(memberships.tenantId, tenantId), eq(memberships.role, 'admin'))),
  );
  return rows.map(({ email }) => email);
}
