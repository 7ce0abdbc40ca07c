import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createAnswerProvider } from '../../activities/ai/createAnswerProvider.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { loadKnowledge } from '../../dev/demo/loadKnowledge.ts';
import { type Answering, shownText, startAnswering } from './fixtures/answering.ts';
import { createTenant, type TestTenant } from './fixtures/createTenant.ts';

describe('answers without a model', () => {
  const provider = createAnswerProvider({ model: 'none' });
  let db: Db;
  let shop: TestTenant;

  beforeAll(async () => {
    db = createDb(inject('servers').appUrl, { poolSize: 4 });
    shop = await createTenant(db, await loadKnowledge());
  });

  afterAll(() => db.close());

  function ask(question: string, tenant = shop): Promise<Answering> {
    return startAnswering({ db, tenant, provider }, [['visitor', question]], { locale: 'en' });
  }

  it('quotes the passage that answers, streamed, and names its source', async () => {
    const { result, frames, draftId } = await ask('How much does shipping cost?');
    const answer = await result;
    expect(answer).toMatchObject({
      kind: 'answer',
      text: expect.stringMatching(/^Standard shipping costs 4.90 EUR within Germany/),
      sources: [{ title: 'Shipping and delivery', url: 'https://shop.example/help/shipping' }],
    });
    expect(shownText(frames, draftId)).toBe(answer.kind === 'answer' && answer.text);
    expect(frames.filter(({ type }) => type === 'message_delta').length).toBeGreaterThan(1);
  });

  it('quotes two documents for two questions', async () => {
    const { result } = await ask('What are your opening hours, and do you take vouchers?');
    const answer = await result;
    expect(answer).toMatchObject({
      sources: expect.arrayContaining([
        expect.objectContaining({ title: 'Opening hours and contact' }),
        expect.objectContaining({ title: 'Prices and payment' }),
      ]),
    });
  });

  it.each(['What is the capital of France?', 'Do you ship to mars?', 'hello', '???'])(
    'does not pretend to know about "%s"',
    async (question) => {
      const { result, frames } = await ask(question);
      expect(await result).toEqual({ kind: 'unknown' });
      expect(frames.map(({ type }) => type)).toEqual(['typing', 'typing']);
    },
  );

  it('takes the visitor’s last run of messages for the question', async () => {
    const { result } = await startAnswering({ db, tenant: shop, provider }, [
      ['visitor', 'Do you take American Express?'],
      ['ai', 'Yes.'],
      ['visitor', 'How do I reset'],
      ['visitor', 'my password?'],
    ]);
    expect(await result).toMatchObject({ kind: 'answer', sources: [{ title: 'Your account' }] });
  });

  it('never answers from what another tenant knows', async () => {
    const document = { title: 'Zanzibar tariff', locale: 'en', body: 'The zanzibar tariff is 42 EUR a month.' };
    const other = await createTenant(db, [document]);
    const question = 'What is the zanzibar tariff?';
    expect(await (await ask(question, other)).result).toMatchObject({ kind: 'answer', text: document.body });
    expect(await (await ask(question)).result).toEqual({ kind: 'unknown' });
    expect(await (await ask('How much does shipping cost?', other)).result).toEqual({ kind: 'unknown' });
  });

  it('knows nothing without documents', async () => {
    expect(await (await ask('shipping', await createTenant(db, []))).result).toEqual({ kind: 'unknown' });
  });

  it('may try again when the database fails, and quotes nothing', async () => {
    const lost = createDb('postgres://nobody:nothing@127.0.0.1:9/none', { poolSize: 1 });
    const { result, frames } = await startAnswering({ db, tenant: shop, provider, readFrom: lost }, [
      ['visitor', 'How much is the zanzibar tariff?'],
    ]);
    const failure = await result.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: 'AiContextUnavailable', nonRetryable: false });
    await lost.close();
    expect(String(failure)).not.toMatch(/zanzibar/i);
    expect(frames.at(-1)).toEqual({ type: 'typing', active: false, author: 'ai' });
  });
});
