import { and, eq } from 'drizzle-orm';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createRecordActivities } from '../../activities/recordTurn.ts';
import { aiAgentInputSchema } from '../../contracts/aiAgent.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { createAgent } from '../../db/queries/agents/createAgent.ts';
import { emptyConversation } from '../../db/queries/emptyConversation.ts';
import { eraseConversation } from '../../db/queries/eraseConversation.ts';
import { listMissingMessages } from '../../db/queries/listMissingMessages.ts';
import { findPortalTenant } from '../../db/queries/portal/findPortalTenant.ts';
import { openPortalConversation } from '../../db/queries/portal/openPortalConversation.ts';
import { conversationNotes } from '../../db/schema/conversationNotes.ts';
import { conversations } from '../../db/schema/conversations.ts';
import { domainEvents } from '../../db/schema/domainEvents.ts';
import { messages } from '../../db/schema/messages.ts';
import { outbox } from '../../db/schema/outbox.ts';
import { telegramTopics } from '../../db/schema/telegramTopics.ts';
import { withTenant } from '../../db/withTenant.ts';
import { createTenant, type TestTenant } from './fixtures/createTenant.ts';
import { turnOf, visitorSays } from './fixtures/turns.ts';
import { wordsOf } from './fixtures/wordsOf.ts';

describe('emptyConversation', () => {
  let db: Db;
  let tenant: TestTenant;

  beforeAll(async () => {
    const { ownerUrl, appUrl } = inject('servers');
    await migrate(ownerUrl);
    db = createDb(appUrl, { poolSize: 2 });
    tenant = await createTenant(db);
  });

  afterAll(() => db.close());

  const inPortal = { channel: 'portal', siteId: null, owner: 'ai' } as const;

  /** One turn with something in every table that a conversation fills. */
  function record(conversationId: string, turn: number, text: string): Promise<{ lastSeq: number }> {
    const message = visitorSays(text);
    return createRecordActivities({ db, words: wordsOf(db), hub: { publish: async () => {} } }).recordTurn(
      turnOf(tenant, conversationId, {
        conversation: { ...inPortal, turn, title: text },
        messages: [message],
        notes: [{ id: uuidV7(), agent: { id: 'telegram:1', name: 'Agent' }, text, createdAt: 1 }],
        events: [{ id: uuidV7(), name: 'message.added', occurredAt: 1, data: {} }],
        outbox: [{ key: `m${message.id}`, priority: 1, effect: { kind: 'message', messageId: message.id } }],
      }),
    );
  }

  function rowsOf(conversationId: string) {
    return withTenant(db, tenant.tenantId, async (tx) => {
      const counts: number[] = [];
      for (const table of [messages, conversationNotes, outbox, telegramTopics, domainEvents]) {
        counts.push(await tx.$count(table, eq(table.conversationId, conversationId)));
      }
      const ofIt = and(eq(conversations.tenantId, tenant.tenantId), eq(conversations.id, conversationId));
      const [row] = await tx.select().from(conversations).where(ofIt);
      return { counts, row };
    });
  }

  const refOf = (conversationId: string) => ({ tenantId: tenant.tenantId, conversationId });
  const asAi = (turn: number) => ({ turn, owner: 'ai' }) as const;

  it('deletes what was said and keeps the row, which goes on counting', async () => {
    const [id, other] = [uuidV7(), uuidV7()];
    await record(id, 1, 'Please forget me');
    await record(other, 1, 'Please keep me');
    const topic = { ...refOf(id), chatId: '-100', threadId: 4_711, botId: '1' };
    await withTenant(db, tenant.tenantId, (tx) => tx.insert(telegramTopics).values(topic));
    expect(await emptyConversation(db, refOf(id), asAi(2))).toBe(1);

    const { counts, row } = await rowsOf(id);
    // Events hold no words; one more tells of the emptying.
    expect(counts).toEqual([0, 0, 0, 0, 2]);
    expect(row).toMatchObject({ status: 'new', owner: 'ai', title: null, lastSeq: 1, turn: 2, resetTurn: 2 });
    expect((await rowsOf(other)).counts).toEqual([1, 1, 1, 0, 1]);
    expect(await record(id, 3, 'A new beginning')).toEqual({ lastSeq: 2 });
    const missing = await listMissingMessages(
      { db, words: wordsOf(db) },
      tenant.tenantId,
      [{ conversationId: id, since: 0 }],
      1,
    );
    expect(missing.get(id)?.map(({ seq, text }) => [seq, text])).toEqual([[2, 'A new beginning']]);
  });

  it('lets no late worker bring back what was said before', async () => {
    const id = uuidV7();
    await record(id, 1, 'Please forget me');
    await record(id, 2, 'And this');
    await emptyConversation(db, refOf(id), asAi(3));
    expect(await record(id, 2, 'And this')).toEqual({ lastSeq: 2 });
    expect((await rowsOf(id)).counts).toEqual([0, 0, 0, 0, 3]);
  });

  it('deletes nothing of the new beginning when it is repeated late', async () => {
    const id = uuidV7();
    await record(id, 1, 'Please forget me');
    await emptyConversation(db, refOf(id), asAi(2));
    await record(id, 3, 'A new beginning');
    expect(await emptyConversation(db, refOf(id), asAi(2))).toBeUndefined();
    expect((await rowsOf(id)).counts.slice(0, 3)).toEqual([1, 1, 1]);
  });

  it('leaves alone what another tenant names', async () => {
    const id = uuidV7();
    await record(id, 1, 'Mine');
    const { tenantId } = await createTenant(db);
    expect(await emptyConversation(db, { tenantId, conversationId: id }, asAi(9))).toBeUndefined();
    expect((await rowsOf(id)).counts.slice(0, 3)).toEqual([1, 1, 1]);
  });

  it('differs from an erasure, after which the person begins another conversation', async () => {
    const { tenantId } = tenant;
    const agent = aiAgentInputSchema.parse({ slug: `ada-${uuidV7()}`, name: 'Ada' });
    const { id: agentId } = await createAgent(db, tenantId, agent, { actor: { kind: 'system', id: null } });
    const key = { tenantId, agentId, userId: uuidV7() };
    const { row, made } = await openPortalConversation(db, key);
    expect(made).toBe(true);
    await record(row.id, 1, 'Please forget me');
    await emptyConversation(db, refOf(row.id), asAi(2));
    expect(await openPortalConversation(db, key)).toMatchObject({ made: false, row: { id: row.id } });
    await eraseConversation(db, refOf(row.id));
    expect(await findPortalTenant(db, row.id)).toBeUndefined();
    const next = await openPortalConversation(db, key);
    expect([next.made, next.row.id === row.id]).toEqual([true, false]);
  });
});
