import { and, asc, eq, gt } from 'drizzle-orm';
import type { MemberView } from '../../../contracts/member.ts';
import type { Db } from '../../createDb.ts';
import { memberships } from '../../schema/memberships.ts';
import { users } from '../../schema/people/users.ts';
import { withTenant } from '../../withTenant.ts';

/** At most `limit` of the tenant's members after the one with the id `after`. */
export async function listMembers(
  db: Db,
  tenantId: string,
  { after, limit }: { after?: string; limit: number },
): Promise<MemberView[]> {
  const rows = await withTenant(db, tenantId, (tx) =>
    tx
      .select({
        id: memberships.userId,
        name: users.name,
        email: users.email,
        role: memberships.role,
        createdAt: memberships.createdAt,
      })
      .from(memberships)
      .innerJoin(users, eq(users.id, memberships.userId))
      .where(and(eq(memberships.tenantId, tenantId), after === undefined ? undefined : gt(memberships.userId, after)))
      .orderBy(asc(memberships.userId))
      .limit(limit),
  );
  return rows.map(({ createdAt, ...row }) => ({ ...row, createdAt: createdAt.toISOString() }));
}
