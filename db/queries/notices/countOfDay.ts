import { and, eq, gt, sql } from 'drizzle-orm';
import type { DayFigures } from '../../../contracts/notices.ts';
import type { Db } from '../../createDb.ts';
import { domainEvents } from '../../schema/domainEvents.ts';
import { withTenant } from '../../withTenant.ts';

/**
 * How many of the tenant's conversations began and were closed within the last 24 hours, how many ratings visitors gave (one
 * for each closing, so a conversation may have several), and their average.
 */
export async function countOfDay(db: Db, tenantId: string): Promise<DayFigures> {
  const [counted] = await withTenant(db, tenantId, (tx) =>
    tx
      .select({
        started: sql<number>`(count(*) filter (where ${domainEvents.name} = 'conversation.started'))::int`,
        closed: sql<number>`(count(*) filter (where ${domainEvents.name} = 'conversation.closed'))::int`,
        rated: sql<number>`(count(*) filter (where ${domainEvents.name} = 'conversation.rated'))::int`,
        rating: sql<
          number | null
        >`(avg((${domainEvents.data} ->> 'rating')::int) filter (where ${domainEvents.name} = 'conversation.rated'))::float8`,
      })
      .from(domainEvents)
      .where(and(eq(domainEvents.tenantId, tenantId), gt(domainEvents.occurredAt, sql`now() - interval '1 day'`))),
  );
  return counted ?? { started: 0, closed: 0, rated: 0, rating: null };
}
