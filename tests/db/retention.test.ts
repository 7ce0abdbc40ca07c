import { randomBytes, randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { eq, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createRecordActivities } from '../../activities/recordTurn.ts';
import { createRetentionActivities } from '../../activities/retention/createRetentionActivities.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { insertSession } from '../../db/queries/insertSession.ts';
import { noteVisits } from '../../db/queries/sessions/noteVisits.ts';
import { insertTelemetry } from '../../db/queries/telemetry/insertTelemetry.ts';
import { files } from '../../db/schema/files.ts';
import { groupNotices } from '../../db/schema/groupNotices.ts';
import { sessions } from '../../db/schema/sessions.ts';
import { telemetryEvents } from '../../db/schema/telemetryEvents.ts';
import { tenantSettings } from '../../db/schema/tenantSettings.ts';
import { webhookAttempts } from '../../db/schema/webhookAttempts.ts';
import { webhookDeliveries } from '../../db/schema/webhookDeliveries.ts';
import { webhookEndpoints } from '../../db/schema/webhookEndpoints.ts';
import { withTenant } from '../../db/withTenant.ts';
import { storageKey } from '../../storage/port.ts';
import { memoryFiles } from '../support/memoryFiles.ts';
import { createTenant, type TestTenant } from './fixtures/createTenant.ts';
import { keepFile } from './fixtures/keepFile.ts';
import { turnOf, visitorSays } from './fixtures/turns.ts';
import { wordsOf } from './fixtures/wordsOf.ts';

const daysAgo = (days: number) => new Date(Date.now() - days * 24 * 3_600_000);

describe('the sweep of a tenant', () => {
  let db: Db;
  let tenant: TestTenant;
  const logged: object[] = [];
  const storage = memoryFiles();

  beforeAll(async () => {
    await migrate(inject('servers').ownerUrl);
    db = createDb(inject('servers').appUrl, { poolSize: 2 });
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    tenant = await createTenant(db);
  });

  /** Sweeps the tenant as the activity does. */
  function sweep() {
    const never = () => Promise.reject(new Error('not asked for'));
    const runs = {
      requestEnd: never,
      isOpen: never,
      terminate: never,
      listRuns: never,
      deleteRun: never,
      isKept: never,
      listEnded: never,
    };
    const logger = { info: (line: object) => void logged.push(line) };
    const { sweepTenant } = createRetentionActivities({
      db,
      runs,
      storage,
      environment: 'production',
      logger,
    });
    const attempt = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
    return attempt.run(sweepTenant, { tenantId: tenant.tenantId });
  }

  async function seen(days: number, { wrote = false } = {}): Promise<string> {
    const { tenantId, siteId } = tenant;
    const conversationId = uuidv7();
    await insertSession(db, { tenantId, siteId, conversationId, source: {} });
    await noteVisits(db, tenantId, [{ conversationId, ip: '203.0.113.7', at: daysAgo(days) }]);
    if (!wrote) return conversationId;
    const { recordTurn } = createRecordActivities({ db, words: wordsOf(db), hub: { publish: async () => {} } });
    await recordTurn(turnOf(tenant, conversationId, { messages: [visitorSays('Hi')] }));
    return conversationId;
  }

  function telemetry(days: number, count = 1): Promise<void> {
    const event = { siteId: tenant.siteId, conversationId: randomUUID(), name: 'opened', occurredAt: daysAgo(days) };
    return insertTelemetry(
      db,
      tenant.tenantId,
      Array.from({ length: count }, () => event),
    );
  }

  const kept = () =>
    withTenant(db, tenant.tenantId, async (tx) => ({
      sessions: new Map((await tx.select().from(sessions)).map(({ conversationId, ip }) => [conversationId, ip])),
      telemetry: await tx.$count(telemetryEvents),
    }));

  it('takes what the default days are over for, in batches, and nothing else', async () => {
    const silent = await seen(31);
    const wrote = await seen(31, { wrote: true });
    const recent = await seen(6);
    await telemetry(31, 2_500);
    await telemetry(29);
    const neighbour = tenant;
    tenant = await createTenant(db);
    expect(await sweep()).toEqual({
      telemetryEvents: 0,
      addresses: 0,
      silentSessions: 0,
      webhookRecords: 0,
      files: 0,
      notices: 0,
    });

    tenant = neighbour;
    expect(await sweep()).toEqual({
      telemetryEvents: 2_500,
      addresses: 2,
      silentSessions: 1,
      webhookRecords: 0,
      files: 0,
      notices: 0,
    });
    const left = await kept();
    expect(left.sessions.has(silent)).toBe(false);
    expect(left.sessions.get(wrote)).toBeNull();
    expect(left.sessions.get(recent)).toBe('203.0.113.7');
    expect(left.telemetry).toBe(1);
    expect(await sweep()).toEqual({
      telemetryEvents: 0,
      addresses: 0,
      silentSessions: 0,
      webhookRecords: 0,
      files: 0,
      notices: 0,
    });
    const { tenantId } = tenant;
    expect(logged).toContainEqual({
      tenant_id: tenantId,
      telemetryEvents: 2_500,
      addresses: 2,
      silentSessions: 1,
      webhookRecords: 0,
      files: 0,
      notices: 0,
    });
  });

  it('finds who never wrote behind any number of sessions that stay', async () => {
    const { tenantId, siteId } = tenant;
    await withTenant(db, tenantId, (tx) =>
      tx.execute(sql`insert into ${sessions} (tenant_id, conversation_id, site_id)
        select ${tenantId}, gen_random_uuid(), ${siteId} from generate_series(1, 2100)`),
    );
    await withTenant(db, tenantId, (tx) =>
      tx.execute(sql`insert into ${sessions} (tenant_id, conversation_id, site_id, created_at)
        values (${tenantId}, '00000000-0000-7000-8000-000000000000', ${siteId}, now() - interval '31 days'),
          (${tenantId}, 'ffffffff-ffff-7fff-bfff-ffffffffffff', ${siteId}, now() - interval '31 days')`),
    );
    expect(await sweep()).toMatchObject({ silentSessions: 2 });
    expect((await kept()).sessions.size).toBe(2_100);
  });

  it("goes by the tenant's own days, of this environment", async () => {
    const { tenantId } = tenant;
    const settings = (telemetryDays: number) => ({ retention: { telemetryDays, ipDays: 1 } });
    await withTenant(db, tenantId, (tx) =>
      tx.insert(tenantSettings).values([
        { tenantId, environment: 'production', settings: settings(2) },
        { tenantId, environment: 'staging', settings: settings(100) },
      ]),
    );
    const silent = await seen(3);
    await telemetry(3);
    expect(await sweep()).toEqual({
      telemetryEvents: 1,
      addresses: 1,
      silentSessions: 1,
      webhookRecords: 0,
      files: 0,
      notices: 0,
    });
    expect((await kept()).sessions.has(silent)).toBe(false);
  });

  it('takes what a group was told a month ago', async () => {
    const { tenantId } = tenant;
    const notice = { kind: 'trouble', botId: '1', trouble: 'kicked' } as const;
    await withTenant(db, tenantId, (tx) =>
      tx.insert(groupNotices).values([
        { tenantId, key: 'trouble/1/1', notice, createdAt: daysAgo(31) },
        { tenantId, key: 'trouble/1/2', notice, createdAt: daysAgo(29) },
      ]),
    );
    expect(await sweep()).toMatchObject({ notices: 1 });
    const left = await withTenant(db, tenantId, (tx) => tx.select().from(groupNotices));
    expect(left.map(({ key }) => key)).toEqual(['trouble/1/2']);
  });

  it('takes what was sent to webhooks when its days are over, and never what is still to be sent', async () => {
    const { tenantId } = tenant;
    const endpoint = { tenantId, id: uuidv7(), url: 'https://hooks.example/', secret: randomBytes(8) };
    await withTenant(db, tenantId, (tx) =>
      tx.insert(webhookEndpoints).values({ ...endpoint, events: ['conversation.started'] }),
    );
    const { recordTurn } = createRecordActivities({ db, words: wordsOf(db), hub: { publish: async () => {} } });
    const ids = [uuidv7(), uuidv7(), uuidv7()] as const;
    const events = ids.map((id) => ({ id, name: 'conversation.started' as const, occurredAt: 1, data: {} }));
    await recordTurn(turnOf(tenant, uuidv7(), { events }));
    await withTenant(db, tenantId, async (tx) => {
      const settle = (eventId: string, days: number, state: 'delivered' | 'pending') =>
        tx
          .update(webhookDeliveries)
          .set({ state, createdAt: daysAgo(days) })
          .where(eq(webhookDeliveries.eventId, eventId));
      await settle(ids[0], 31, 'delivered');
      await settle(ids[1], 31, 'pending');
      await settle(ids[2], 29, 'delivered');
      const attempt = { tenantId, endpointId: endpoint.id, eventId: ids[0], event: 'conversation.started' } as const;
      await tx.insert(webhookAttempts).values([
        { ...attempt, id: uuidv7(), durationMs: 1, attemptedAt: daysAgo(31) },
        { ...attempt, id: uuidv7(), durationMs: 1, attemptedAt: daysAgo(29) },
      ]);
    });
    expect(await sweep()).toMatchObject({ webhookRecords: 1 });
    const left = await withTenant(db, tenantId, async (tx) => ({
      events: (await tx.select().from(webhookDeliveries)).map(({ eventId }) => eventId),
      attempts: await tx.$count(webhookAttempts),
    }));
    expect({ ...left, events: left.events.sort() }).toEqual({ events: [ids[1], ids[2]].sort(), attempts: 1 });
  });

  it('takes uploads that no message has come to carry for a day, bytes and all', async () => {
    const { tenantId } = tenant;
    const conversationId = await seen(0, { wrote: true });
    const keep = () => keepFile(db, storage, { tenantId, conversationId });
    const [forgotten, carried, fresh] = [await keep(), await keep(), await keep()];
    await withTenant(db, tenantId, async (tx) => {
      const change = (id: string, set: Partial<typeof files.$inferInsert>) =>
        tx.update(files).set(set).where(eq(files.id, id));
      await change(forgotten.id, { createdAt: daysAgo(2) });
      await change(carried.id, { createdAt: daysAgo(2), messageId: uuidv7() });
    });
    expect(await sweep()).toMatchObject({ files: 1 });
    const left = await withTenant(db, tenantId, (tx) => tx.select({ id: files.id }).from(files));
    expect(left.map(({ id }) => id).toSorted()).toEqual([carried.id, fresh.id].toSorted());
    expect(storage.keys()).toEqual([carried, fresh].map((file) => storageKey(file)).toSorted());
  });

  it('keeps the session of a visitor who came back', async () => {
    const back = await seen(100);
    await noteVisits(db, tenant.tenantId, [{ conversationId: back, ip: '203.0.113.8', at: new Date() }]);
    await sweep();
    const [session] = await withTenant(db, tenant.tenantId, (tx) =>
      tx.select().from(sessions).where(eq(sessions.conversationId, back)),
    );
    expect(session?.ip).toBe('203.0.113.8');
  });
});
