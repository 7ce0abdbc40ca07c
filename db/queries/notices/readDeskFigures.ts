import { and, eq, sql } from 'drizzle-orm';
import type { DeskFigures, Queue } from '../../../contracts/notices.ts';
import type { Db } from '../../createDb.ts';
import { conversations } from '../../schema/conversations.ts';
import { domainEvents } from '../../schema/domainEvents.ts';
import { outbox } from '../../schema/outbox.ts';
import { withTenant } from '../../withTenant.ts';

/** How many of the tenant's conversations have waited for at least `waitedMs`, are late, or hold what is parked. */
export async function readDeskFigures(
  db: Db,
  tenantId: string,
  { waitedMs }: { waitedMs: number },
): Promise<DeskFigures> {
  return withTenant(db, tenantId, async (tx) => {
    const latest = (name: string) =>
      sql<Date | null>`max(${domainEvents.occurredAt}) filter (where ${domainEvents.name} = ${name})`;
    const queued = tx.$with('queued').as(
      tx
        .select({
          since: sql<Date>`coalesce(${latest('conversation.handed_over')}, min(${conversations.createdAt}))`.as(
            'since',
          ),
          breachedAt: latest('conversation.sla_breached').as('breached_at'),
        })
        .from(conversations)
        .leftJoin(
          domainEvents,
          and(eq(domainEvents.tenantId, conversations.tenantId), eq(domainEvents.conversationId, conversations.id)),
        )
        .where(
          and(
            eq(conversations.tenantId, tenantId),
            eq(conversations.status, 'waiting'),
            sql`coalesce(${conversations.snoozedUntil} < now(), true)`,
          ),
        )
        .groupBy(conversations.id),
    );
    const ripe = sql`${queued.since} <= now() - ${waitedMs} * interval '1 millisecond'`;
    const late = sql`${queued.breachedAt} >= ${queued.since}`;
    const [found] = await tx
      .with(queued)
      .select({
        waiting: queueOf(sql`${queued.since}`, ripe),
        breached: queueOf(sql`${queued.breachedAt}`, late),
        parked: sql<number>`(select count(distinct ${outbox.conversationId})::int from ${outbox}
          where ${outbox.tenantId} = ${tenantId} and ${outbox.state} = 'parked')`,
      })
      .from(queued);
    if (!found) throw new Error('A count returned nothing');
    return found;
  });
}

function queueOf(at: ReturnType<typeof sql>, where: ReturnType<typeof sql>) {
  const ms = (which: 'min' | 'max') =>
    sql`(extract(epoch from ${sql.raw(which)}(${at}) filter (where ${where})) * 1000)::bigint`;
  return sql<Queue>`json_build_object('count', count(*) filter (where ${where}), 'oldest', ${ms('min')}, 'newest', ${ms('max')})`;
}
