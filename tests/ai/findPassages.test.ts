import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createDb, type Db } from '../../db/createDb.ts';
import { findPassages, type KnowledgePassage } from '../../db/queries/knowledge/findPassages.ts';
import { withTenant } from '../../db/withTenant.ts';
import { loadKnowledge } from '../../dev/demo/loadKnowledge.ts';
import { createTenant, type TestTenant } from './fixtures/createTenant.ts';

describe('findPassages', () => {
  let db: Db;
  let shop: TestTenant;

  beforeAll(async () => {
    db = createDb(inject('servers').appUrl, { poolSize: 4 });
    shop = await createTenant(db, await loadKnowledge());
  });

  afterAll(() => db.close());

  function find(question: string, locale?: string, tenant = shop): Promise<KnowledgePassage[]> {
    return withTenant(db, tenant.tenantId, (tx) => findPassages(tx, { question, locale, limit: 6 }));
  }

  it.each([
    ['How long does delivery take?', 'working days within Germany'],
    ['hi there, could you please tell me how much shipping to France costs? thanks!', '4.90 EUR'],
    ['how do I return something', 'within 30 days'],
    ['When do I get my money back?', 'refund you within 5 working days'],
    ['what are your opening hours on saturday', 'Saturday from 10:00'],
    ['Can I pay with PayPal?', 'PayPal'],
    ['I forgot my password', 'Forgot password'],
    ['do you sell my data to third parties', 'never sell'],
    ['how do i delete my account', 'delete your account'],
    ['do you deliver to Switzerland', 'Switzerland'],
    ['track my parcel', 'tracking number'],
  ])('%s', async (question, expected) => {
    const [best] = await find(question);
    expect(best?.text).toContain(expected);
    expect(best?.score).toBeGreaterThanOrEqual(0.5);
  });

  it.each([
    ['how long does shiping take', 'Shipping and delivery'],
    ['retrun an item', 'Returns and refunds'],
    ['i forgot my pasword', 'Your account'],
    ['opening huors', 'Opening hours and contact'],
    ['do you deliver to switzerlnad', 'Shipping and delivery'],
  ])('mends the slip in "%s"', async (question, title) => {
    const [best] = await find(question);
    expect(best?.title).toBe(title);
    expect(best?.score).toBeGreaterThanOrEqual(0.5);
  });

  it.each([
    'What is the capital of France?',
    'Who won the football world cup?',
    'Can you write me a poem about autumn leaves?',
    'Do you have vegan chocolate muffins?',
    'my screen flickers after the update',
    'asdkjh qwelkj',
    'hello',
    'what is the weather in Berlin',
    'can i pay by bitcoin',
    'do you ship to mars',
    'where is my package?',
    'are you hiring software developers?',
  ])('finds too little for "%s"', async (question) => {
    const [best] = await find(question);
    expect(best?.score ?? 0).toBeLessThan(0.5);
  });

  it("searches in the visitor's language, where there are documents in it", async () => {
    expect((await find('Wie lange dauert die Lieferung?', 'de-AT'))[0]).toMatchObject({
      title: 'Versand und Rückgabe',
    });
    expect((await find('opening hours', 'sv'))[0]).toMatchObject({ title: 'Opening hours and contact' });
  });

  it('never finds what another tenant knows', async () => {
    const secret = { title: 'Zanzibar tariff', locale: 'en', body: 'The zanzibar tariff is 42 EUR a month.' };
    const other = await createTenant(db, [secret]);
    const question = 'How much is the zanzibar tariff?';
    expect((await find(question, 'en', other))[0]).toMatchObject({ title: 'Zanzibar tariff', score: 1 });
    expect(await find('zanzibar')).toEqual([]);
    // Nor does its vocabulary mend our slips.
    expect(await find('zanzibra')).toEqual([]);
    expect(await find('opening hours', 'en', other)).toEqual([]);
  });

  it('takes any question: quotes, operators, emptiness', async () => {
    for (const question of [
      "'",
      "it's \\ & | ! :* <->",
      '',
      '   ',
      '!!!',
      "'; DROP TABLE messages; --",
      'ß😀'.repeat(1_000),
    ]) {
      await expect(find(question)).resolves.toBeInstanceOf(Array);
    }
  });
});
