import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import type { LedgerRow, LedgerState } from '../../contracts/ledger.ts';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { insertAudit } from '../../db/queries/audit/insertAudit.ts';
import { listAudit } from '../../db/queries/audit/listAudit.ts';
import { outbox } from '../../db/schema/outbox.ts';
import { sites } from '../../db/schema/sites.ts';
import { withTenant } from '../../db/withTenant.ts';
import { issueKey } from './support/issueKey.ts';
import { ORIGIN, type Stack, startStack } from './support/stack.ts';
import { openConversation, request, VisitorClient } from './support/visitor.ts';

interface LedgerAnswer {
  status: number;
  body: { items: LedgerRow[]; nextCursor: number | null; code?: string; key?: string };
}

describe('the delivery ledger over HTTP', () => {
  let stack: Stack;
  let api: RunningApi;
  let operator: string;
  let auditor: string;

  beforeAll(async () => {
    stack = await startStack();
    api = await stack.startApi();
    await stack.startWorker();
    ({ key: operator } = await issueKey(stack.db, DEFAULT_TENANT_ID, ['conversations:read', 'conversations:write']));
    ({ key: auditor } = await issueKey(stack.db, DEFAULT_TENANT_ID, ['conversations:read', 'ledger:payload']));
  });
  afterAll(() => stack.stop());

  const call = async (path: string, body?: unknown, token = operator) =>
    (await request(`${api.url}/v1/admin/outbox${path}`, { token, body })) as unknown as LedgerAnswer;
  const list = async (query: string, token = operator) => (await call(`?${query}`, undefined, token)).body;

  async function converse(): Promise<string> {
    const { conversationId, token } = await openConversation(api.url, stack.site);
    const visitor = await VisitorClient.join(api.url, token);
    visitor.say('My parcel is late');
    await visitor.message('Hello!');
    visitor.leave();
    return conversationId;
  }

  /** As if a delivery had left the row so. */
  const setState = (key: string, state: LedgerState, lastError: string) =>
    withTenant(stack.db, DEFAULT_TENANT_ID, (tx) =>
      tx
        .update(outbox)
        .set({ state, lastError, repeated: state === 'unknown' })
        .where(eq(outbox.key, key)),
    );
  const rowOf = async (conversationId: string, key: string) =>
    (await list(`conversationId=${conversationId}`)).items.find((row) => row.key === key);

  /** What was said, newest first, once it is in the ledger; the topic's card is a row as well. */
  async function saidIn(conversationId: string, token = operator): Promise<LedgerRow[]> {
    const said = async () =>
      (await list(`conversationId=${conversationId}`, token)).items.filter(({ kind }) => kind === 'message');
    await expect.poll(async () => (await said()).length).toBe(2);
    return said();
  }

  it('lists rows newest first by pages, and their words only to who may read them', async () => {
    const conversationId = await converse();
    const rows = await saidIn(conversationId);
    const pages: LedgerRow[] = [];
    for (let cursor: number | null | '' = ''; cursor !== null; ) {
      const page: LedgerAnswer['body'] = await list(
        `conversationId=${conversationId}&limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      pages.push(...page.items);
      cursor = page.nextCursor;
    }
    expect(pages).toEqual((await list(`conversationId=${conversationId}`)).items);
    expect(rows.map(({ state, priority, payload }) => [state, priority, payload])).toEqual([
      ['pending', 2, null],
      ['pending', 1, null],
    ]);
    const words = await saidIn(conversationId, auditor);
    expect(words.map(({ payload }) => payload)).toEqual(['Hello!', 'My parcel is late']);
  });

  it('lists by state and age', async () => {
    const conversationId = await converse();
    const of = `conversationId=${conversationId}`;
    const [newest] = await saidIn(conversationId);
    await setState(newest?.key ?? '', 'parked', 'kicked');
    expect((await list(`${of}&state=parked`)).items).toMatchObject([{ key: newest?.key, lastError: 'kicked' }]);
    expect((await list(`${of}&state=sent`)).items).toEqual([]);
    expect((await list(`${of}&olderThanSeconds=3600`)).items).toEqual([]);
    expect((await list(`${of}&botId=4711`)).items).toEqual([]);
    expect((await call('?state=lost')).status).toBe(400);
  });

  it('puts a notice in once, whoever asks and how often, and never under a key of another conversation', async () => {
    const [conversationId, other] = [await converse(), await converse()];
    const key = `order-${randomUUID()}`;
    const notice = { key, conversationId, text: 'The carrier has called', silent: false };
    const answers = await Promise.all(Array.from({ length: 5 }, () => call('', notice)));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(202));
    await expect
      .poll(() => rowOf(conversationId, key))
      .toMatchObject({ kind: 'notice', state: 'pending', priority: 0 });
    await call('', { ...notice, text: 'Another text' });
    const rows = (await list(`conversationId=${conversationId}`, auditor)).items.filter((row) => row.key === key);
    expect(rows.map(({ payload }) => payload)).toEqual(['The carrier has called']);
    expect(await call('', { ...notice, conversationId: other })).toMatchObject({ status: 409 });
    expect(await call('', { ...notice, key: 'conv_msg_out_1' })).toMatchObject({ status: 400 });
    const stranger = { ...notice, key: `${key}-2`, conversationId: randomUUID() };
    expect(await call('', stranger)).toMatchObject({ status: 404, body: { code: 'conversation_not_found' } });
    expect(await call('', { ...notice, key: `${key}-3` }, auditor)).toMatchObject({ status: 403 });
  });

  it('is ordered again by who asks again, where the first order never came to the conversation', async () => {
    const [conversationId, other] = [await converse(), await converse()];
    const key = `order-${randomUUID()}`;
    const notice = { key, conversationId, text: 'The carrier has called' };
    const line = { actor: { kind: 'service', id: null }, action: 'ledger.enqueue', target: `outbox/${key}` } as const;
    await withTenant(stack.db, DEFAULT_TENANT_ID, (tx) =>
      insertAudit(tx, { ...line, tenantId: DEFAULT_TENANT_ID, data: { conversationId } }),
    );
    expect(await call('', { ...notice, conversationId: other })).toMatchObject({ status: 409 });
    expect(await call('', notice)).toMatchObject({ status: 202 });
    await expect.poll(() => rowOf(conversationId, key)).toMatchObject({ kind: 'notice', state: 'pending' });
  });

  it('gives a new key to one of the conversations that ask for it at once, and tells the others so', async () => {
    const asking = [await converse(), await converse(), await converse()];
    const key = `order-${randomUUID()}`;
    const answers = await Promise.all(
      asking.map((conversationId) => call('', { key, conversationId, text: `For ${conversationId}` })),
    );
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([202, 409, 409]);
    const holder = asking[answers.findIndex(({ status }) => status === 202)] ?? '';
    await expect.poll(async () => (await rowOf(holder, key))?.kind).toBe('notice');
    const lines = await listAudit(stack.db, DEFAULT_TENANT_ID, { limit: 10 });
    expect(lines.filter(({ target }) => target === `outbox/${key}`).map(({ data }) => data['conversationId'])).toEqual([
      holder,
    ]);
  });

  it('refuses a notice for a conversation that never gets a topic, and writes nothing down', async () => {
    const id = randomUUID();
    const settings = { topicPolicy: 'never', aiEnabled: false };
    await withTenant(stack.db, DEFAULT_TENANT_ID, (tx) =>
      tx
        .insert(sites)
        .values({ tenantId: DEFAULT_TENANT_ID, id, key: id, name: 'Bot alone', allowedOrigins: [ORIGIN], settings }),
    );
    const { conversationId, token } = await openConversation(api.url, { siteKey: id, origin: ORIGIN });
    const visitor = await VisitorClient.join(api.url, token);
    visitor.say('Anybody there?');
    await visitor.next('message');
    visitor.leave();
    const key = `order-${randomUUID()}`;
    const refused = await call('', { key, conversationId, text: 'The carrier has called' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'no_topic' } });
    expect(await rowOf(conversationId, key)).toBeUndefined();
    const lines = await listAudit(stack.db, DEFAULT_TENANT_ID, { limit: 10 });
    expect(lines.map(({ target }) => target)).not.toContain(`outbox/${key}`);
  });

  it('lets rows go out again, or never, by way of the conversation, and writes down who asked', async () => {
    const conversationId = await converse();
    const [reply, question] = (await saidIn(conversationId)).map(({ key }) => key);
    await setState(question ?? '', 'failed', 'rejected');
    expect((await call(`/${question}/skip`, {})).status).toBe(409);
    expect((await call(`/${question}/retry`, {})).status).toBe(202);
    await expect.poll(() => rowOf(conversationId, question ?? '')).toMatchObject({ state: 'pending', lastError: null });

    await setState(reply ?? '', 'unknown', 'gateway timeout');
    expect((await call(`/${reply}/retry`, {})).status).toBe(202);
    await expect.poll(() => rowOf(conversationId, reply ?? '')).toMatchObject({ state: 'unknown', repeated: false });
    expect((await call(`/${reply}/skip`, {})).status).toBe(202);
    await expect
      .poll(() => rowOf(conversationId, reply ?? ''))
      .toMatchObject({ state: 'failed', lastError: 'skipped' });

    expect(await call(`/${randomUUID()}/retry`, {})).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const lines = await listAudit(stack.db, DEFAULT_TENANT_ID, { limit: 3 });
    expect(lines.map(({ action, target }) => [action, target])).toEqual([
      ['ledger.skip', `outbox/${reply}`],
      ['ledger.retry', `outbox/${reply}`],
      ['ledger.retry', `outbox/${question}`],
    ]);
  });
});
