import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { FlowDefinition } from '../../contracts/flow.ts';
import { conversationSettingsSchema, siteLookSchema } from '../../contracts/site.ts';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { loadAgent } from '../../db/queries/agents/loadAgent.ts';
import { getSiteByKey } from '../../db/queries/getSiteByKey.ts';
import { knowledgeDocuments } from '../../db/schema/knowledgeDocuments.ts';
import { type Seed, seedDefaults } from '../../db/seedDefaults.ts';
import { withTenant } from '../../db/withTenant.ts';
import { getSiteSetup } from './fixtures/getSiteSetup.ts';

describe('seedDefaults', () => {
  const { ownerUrl, appUrl } = inject('servers');
  let db: Db;

  beforeAll(async () => {
    await migrate(ownerUrl);
    db = createDb(appUrl, { poolSize: 2 });
  });

  afterAll(() => db.close());

  const flow = (text: string): FlowDefinition => ({
    language: 1,
    name: 'Seeded',
    variables: {},
    triggers: [{ on: 'first_message', start: 'hello' }],
    steps: { hello: { type: 'message', text } },
  });

  const seed = (parts: Partial<Seed> = {}): Seed => ({
    siteKey: 'seeded',
    allowedOrigins: ['http://127.0.0.1:4012'],
    flowDefinition: flow('Hello'),
    documents: [{ title: 'Seeded delivery', body: 'Parcels need two days.' }],
    ...parts,
  });

  it('makes a site that can be opened by its key, with defaults filled in; from either role and all at once', async () => {
    await Promise.all([seedDefaults(appUrl, seed()), seedDefaults(ownerUrl, seed()), seedDefaults(appUrl, seed())]);
    const site = await getSiteByKey(db, 'seeded', 'development');
    expect(site).toMatchObject({
      tenantId: DEFAULT_TENANT_ID,
      key: 'seeded',
      allowedOrigins: ['http://127.0.0.1:4012'],
      look: siteLookSchema.parse(undefined),
      settings: conversationSettingsSchema.parse(undefined),
      flow: { version: 1, definition: flow('Hello') },
    });
    expect(await getSiteSetup(db, DEFAULT_TENANT_ID, site?.siteId ?? '')).toEqual({
      siteId: site?.siteId,
      settings: site?.settings,
      flow: site?.flow,
    });
    expect(await getSiteByKey(db, 'unknown', 'development')).toBeUndefined();
  });

  it('makes agents, and brings them up to date', async () => {
    const agent = { slug: 'seeded-assistant', name: 'Ada', instructions: 'Be brief.', greeting: 'Hello.' };
    await seedDefaults(appUrl, seed({ agents: [agent] }));
    await seedDefaults(appUrl, seed({ agents: [{ ...agent, name: 'Grace' }] }));
    const query = { tenantId: DEFAULT_TENANT_ID, agent: agent.slug, environment: 'development' } as const;
    expect(await loadAgent(db, query)).toMatchObject({ ...agent, name: 'Grace', enabled: true, flow: null });
  });

  it('publishes a new version when the flow changed, and only then; the rest is brought up to date', async () => {
    await seedDefaults(appUrl, seed({ siteKey: 'changing' }));
    await seedDefaults(appUrl, seed({ siteKey: 'changing' }));
    const { siteId } = await seedDefaults(
      appUrl,
      seed({
        siteKey: 'changing',
        flowDefinition: flow('Welcome'),
        settings: { maxBotTurns: 5 },
        documents: [{ title: 'Seeded delivery', body: 'Parcels need one day.' }],
      }),
    );
    const setup = await getSiteSetup(db, DEFAULT_TENANT_ID, siteId);
    expect(setup).toMatchObject({ flow: { version: 2, definition: flow('Welcome') }, settings: { maxBotTurns: 5 } });

    const documents = await withTenant(db, DEFAULT_TENANT_ID, (tx) =>
      tx
        .select({ body: knowledgeDocuments.body })
        .from(knowledgeDocuments)
        .where(and(eq(knowledgeDocuments.title, 'Seeded delivery'), eq(knowledgeDocuments.locale, 'en'))),
    );
    expect(documents).toEqual([{ body: 'Parcels need one day.' }]);
  });
});
