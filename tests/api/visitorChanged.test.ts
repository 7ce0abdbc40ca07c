import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { findOwnSession, keepTraits } from '../../api/edge/visitorSession.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { insertSession } from '../../db/queries/insertSession.ts';
import type { Site } from '../../db/queries/loadSite.ts';
import { createTenant, type TestTenant } from '../db/fixtures/createTenant.ts';

let db: Db;
let tenant: TestTenant;

beforeAll(async () => {
  const { ownerUrl, appUrl } = inject('servers');
  await migrate(ownerUrl);
  db = createDb(appUrl, { poolSize: 2 });
  tenant = await createTenant(db);
});
afterAll(() => db.close());

function visit() {
  const { tenantId, siteId } = tenant;
  return insertSession(db, { tenantId, siteId, conversationId: uuidV7(), source: {} });
}

test('says whether what the site says of its visitor is news', async () => {
  const session = await visit();
  const keep = (said: Parameters<typeof keepTraits>[2]) => keepTraits({ db }, session, said);
  const signed = (plan: string) => ({ traits: { plan: 'gold' }, verified: { userId: 'a', traits: { plan } } });
  expect(await keep({ traits: {} })).toBe(false);
  expect(await keep({ traits: { plan: 'free', seats: 2 } })).toBe(true);
  expect(await keep({ traits: { seats: 2, plan: 'free' } })).toBe(false);
  expect(await keep(signed('free'))).toBe(true);
  expect(await keep(signed('free'))).toBe(false);
  expect(await keep({ traits: { plan: 'gold' } })).toBe(false);
  expect(await keep({})).toBe(false);
});

test('tells the agents once that a stranger turned out to be somebody', async () => {
  const { conversationId } = await visit();
  const told: ConversationRef[] = [];
  const edge = {
    db,
    directory: { remember: () => {} },
    visitorChanged: (ref: ConversationRef) => void told.push(ref),
  } as unknown as Parameters<typeof findOwnSession>[0];
  const site = { tenantId: tenant.tenantId, siteId: tenant.siteId } as Site;
  for (let times = 0; times < 2; times += 1) {
    const session = await findOwnSession(edge, { site, conversationId, verified: { userId: 'customer-1' } });
    expect(session?.conversationId).toBe(conversationId);
  }
  expect(told.map((ref) => ref.conversationId)).toEqual([conversationId]);
});
