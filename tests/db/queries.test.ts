import { createHash, randomBytes } from 'node:crypto';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createRecordActivities } from '../../activities/recordTurn.ts';
import { MAX_SEQ } from '../../contracts/message.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { findChannelByWebhook } from '../../db/queries/findChannelByWebhook.ts';
import { findConversationByTopic } from '../../db/queries/findConversationByTopic.ts';
import { getSession } from '../../db/queries/getSession.ts';
import { getTenantKeys } from '../../db/queries/getTenantKeys.ts';
import { insertSession } from '../../db/queries/insertSession.ts';
import { insertTenantKey } from '../../db/queries/insertTenantKey.ts';
import { listChannelConnections } from '../../db/queries/listChannelConnections.ts';
import { listMessages } from '../../db/queries/listMessages.ts';
import { listMissingMessages } from '../../db/queries/listMissingMessages.ts';
import { saveChannelConnection } from '../../db/queries/saveChannelConnection.ts';
import { withTenant } from '../../db/withTenant.ts';
import { createTenant, type TestTenant } from './fixtures/createTenant.ts';
import { turnOf, visitorSays } from './fixtures/turns.ts';
import { wordsOf } from './fixtures/wordsOf.ts';

describe('queries', () => {
  let db: Db;
  let tenant: TestTenant;
  let other: TestTenant;

  beforeAll(async () => {
    const { ownerUrl, appUrl } = inject('servers');
    await migrate(ownerUrl);
    db = createDb(appUrl, { poolSize: 8 });
    [tenant, other] = await Promise.all([createTenant(db), createTenant(db)]);
  });

  afterAll(() => db.close());

  function visit(externalSessionId?: string, of = tenant) {
    const { tenantId, siteId } = of;
    return insertSession(db, {
      tenantId,
      siteId,
      conversationId: uuidV7(),
      externalSessionId,
      source: { locale: 'en' },
    });
  }

  it('insertSession gives one conversation to a visitor who comes ten times at once', async () => {
    const visits = await Promise.all(Array.from({ length: 10 }, () => visit('visitor-4711')));
    expect(new Set(visits.map(({ conversationId }) => conversationId)).size).toBe(1);
  });

  it('insertSession gives another conversation to another visitor, another tenant and everyone without a name', async () => {
    const visits = [
      await visit('same-name'),
      await visit('same-name', other),
      await visit('x'.repeat(8)),
      await visit(),
      await visit(),
    ];
    expect(new Set(visits.map(({ conversationId }) => conversationId)).size).toBe(5);
    const [first] = visits;
    expect(await getSession(db, first!)).toEqual(first);
    expect(await getSession(db, { ...first!, tenantId: other.tenantId })).toBeUndefined();
  });

  it('listMessages pages through a conversation', async () => {
    const conversationId = uuidV7();
    const { recordTurn } = createRecordActivities({ db, words: wordsOf(db), hub: { publish: async () => {} } });
    const messages = ['a', 'b', 'c', 'd', 'e'].map((text) => visitorSays(text));
    await recordTurn(turnOf(tenant, conversationId, { messages }));

    const page = async (since: number, limit: number, tenantId = tenant.tenantId) => {
      const { messages: found, ...rest } = await listMessages(
        { db, words: wordsOf(db) },
        { tenantId, conversationId },
        { since, limit },
      );
      return { texts: found.map(({ text }) => text).join(''), ...rest };
    };
    expect(await page(0, 2)).toEqual({ texts: 'ab', lastSeq: 5, hasMore: true, closed: null });
    expect(await page(2, 3)).toEqual({ texts: 'cde', lastSeq: 5, hasMore: false, closed: null });
    expect(await page(5, 2)).toEqual({ texts: '', lastSeq: 5, hasMore: false, closed: null });
    expect(await page(0, 2, other.tenantId)).toEqual({ texts: '', lastSeq: 0, hasMore: false, closed: null });
  });

  it('listMissingMessages reads what many readers lack at once, from the lowest position of each conversation', async () => {
    const [first, second, complete] = [uuidV7(), uuidV7(), uuidV7()];
    const { recordTurn } = createRecordActivities({ db, words: wordsOf(db), hub: { publish: async () => {} } });
    for (const conversationId of [first, second, complete]) {
      const messages = ['a', 'b', 'c', 'd'].map((text) => visitorSays(text));
      await recordTurn(turnOf(tenant, conversationId, { messages }));
    }
    const positions = [
      { conversationId: first, since: 3 },
      { conversationId: second, since: 0 },
      { conversationId: first, since: 2 },
      { conversationId: complete, since: 4 },
    ];
    const missing = await listMissingMessages({ db, words: wordsOf(db) }, tenant.tenantId, positions, 3);
    const texts = (id: string) => missing.get(id)?.map(({ text }) => text);
    expect([first, second, complete].map(texts)).toEqual([['c', 'd'], ['a', 'b', 'c'], undefined]);
    expect(await listMissingMessages({ db, words: wordsOf(db) }, other.tenantId, positions, 3)).toEqual(new Map());
    // A reader that claims to have read everything there can ever be is no trouble to the others.
    const withAbsurd = [...positions, { conversationId: complete, since: MAX_SEQ }];
    expect((await listMissingMessages({ db, words: wordsOf(db) }, tenant.tenantId, withAbsurd, 3)).size).toBe(2);
  });

  it('insertTenantKey keeps the first of the keys that race, for everyone', async () => {
    const { tenantId } = tenant;
    const made = await Promise.all(
      Array.from({ length: 8 }, () =>
        insertTenantKey(db, tenantId, { version: 1, wrapped: randomBytes(40), masterKeyId: null }),
      ),
    );
    const second = await insertTenantKey(db, tenantId, {
      version: 2,
      wrapped: randomBytes(40),
      masterKeyId: 'local:b',
    });
    const kept = await getTenantKeys(db, tenantId);
    expect(kept).toEqual([made[0], second]);
    for (const key of made) expect(key).toEqual(kept[0]);
    expect(await getTenantKeys(db, other.tenantId)).toEqual([]);
  });

  it('leads from a webhook secret to its channel, and from a wrong one nowhere', async () => {
    const hash = (secret: string) => createHash('sha256').update(secret).digest();
    const { tenantId } = tenant;
    const secret = uuidV7();
    const group = { tenantId, type: 'telegram', channelId: '-1001', webhookSecretHash: hash(secret) } as const;
    const made = await saveChannelConnection(db, { ...group, id: uuidV7(), secrets: Buffer.from('sealed') });
    const replaced = await saveChannelConnection(db, { ...group, id: uuidV7(), secrets: Buffer.from('sealed anew') });

    expect(replaced.id).toBe(made.id);
    expect(await findChannelByWebhook(db, hash(secret))).toEqual({ tenantId, connectionId: made.id });
    expect(await findChannelByWebhook(db, hash('wrong'))).toBeUndefined();
    const listed = await listChannelConnections(db, tenantId, 'telegram');
    expect(listed.map(({ secrets }) => secrets?.toString())).toEqual(['sealed anew']);
    expect(await listChannelConnections(db, other.tenantId, 'telegram')).toEqual([]);
    expect(await findConversationByTopic(db, tenantId, { chatId: '-1001', threadId: 1 })).toBeUndefined();
  });

  it('refuses a channel without an account, and a type in any spelling but one', async () => {
    const connection = { tenantId: tenant.tenantId, id: uuidV7(), type: 'telegram' } as const;
    await expect(saveChannelConnection(db, connection)).rejects.toMatchObject({ sqlState: '23514' });
    const insert = 'INSERT INTO channel_connections (tenant_id, id, type, channel_id) VALUES ($1, $2, $3, $4)';
    const shouting = withTenant(db, tenant.tenantId, (tx) =>
      tx.$client.query(insert, [tenant.tenantId, uuidV7(), 'Telegram', '-1002']),
    );
    await expect(shouting).rejects.toMatchObject({ sqlState: '23514' });
  });
});
