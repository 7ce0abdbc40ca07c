import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import type { ErasureDetails, ErasureSummary } from '../../contracts/erasure.ts';
import { erasureWorkflowId } from '../../contracts/upkeep.ts';
import { listAudit } from '../../db/queries/audit/listAudit.ts';
import { getSession } from '../../db/queries/getSession.ts';
import { conversations } from '../../db/schema/conversations.ts';
import { withTenant } from '../../db/withTenant.ts';
import { createEngineClient } from '../../temporal/connect.ts';
import { createTenant, type TestTenant } from '../db/fixtures/createTenant.ts';
import { plainText } from '../support/plainText.ts';
import { fillVisitor } from './support/fillVisitor.ts';
import { issueKey } from './support/issueKey.ts';
import { type Stack, startStack } from './support/stack.ts';
import { type Answer, request } from './support/visitor.ts';

describe('erasures over HTTP', () => {
  let stack: Stack;
  let api: RunningApi;
  let tenant: TestTenant;
  let key: string;

  beforeAll(async () => {
    stack = await startStack();
    api = await stack.startApi();
  });
  afterAll(() => stack.stop());
  beforeEach(async () => {
    tenant = await createTenant(stack.db);
    ({ key } = await issueKey(stack.db, tenant.tenantId, ['data:erase']));
  });

  const erase = (body: unknown, { url, token }: { url: string; token: string } = { url: api.url, token: key }) =>
    request(`${url}/v1/admin/erasures`, { token, body });
  const bulkDelete = (body: unknown) => request(`${api.url}/v1/admin/conversations/bulk-delete`, { token: key, body });
  const read = async <Body>(path: string, token = key) =>
    (await request(`${api.url}/v1/admin/erasures${path}`, { token })) as Answer & { body: Body };

  it('voids the sessions of the visitor and starts the workflow, whatever name they were looked for by', async () => {
    const { tenantId } = tenant;
    const verifiedUserId = `user-${uuidv7()}`;
    const first = await fillVisitor(stack.db, tenant, { name: 'Wilhelmina', verifiedUserId });
    const { status, body } = await erase({ verifiedUserId });
    expect([status, body['conversations']]).toEqual([202, 1]);
    const erasureId = String(body['id']);
    expect((await getSession(stack.db, { tenantId, conversationId: first }))?.revokedAt).toBeInstanceOf(Date);

    const details = await read<ErasureDetails>(`/${erasureId}`);
    expect(details.body).toMatchObject({
      kind: 'verifiedUserId',
      progress: { conversations: 1, erased: 0 },
      items: [{ conversationId: first, erasedAt: null, rows: null }],
    });
    const [line] = await listAudit(stack.db, tenantId, { limit: 1 });
    expect(line).toMatchObject({ action: 'erasure.requested', data: { conversationIds: [first] } });
    expect(JSON.stringify([details.body, line])).not.toContain(verifiedUserId);

    const { address } = stack.temporal;
    const client = createEngineClient({ address, namespace: stack.env.TEMPORAL_NAMESPACE }, plainText);
    const workflow = client.workflow.getHandle(erasureWorkflowId({ tenantId, erasureId }));
    expect((await workflow.describe()).status.name).toBe('RUNNING');
    await client.connection.close();
  });

  it('leaves nothing behind when the workflow cannot be started', async () => {
    const { tenantId } = tenant;
    const conversationId = await fillVisitor(stack.db, tenant, { name: 'Wilhelmina' });
    const { url } = await stack.startApi({ TEMPORAL_NAMESPACE: 'nobody-made-this' });
    const { status, body } = await erase({ conversationId }, { url, token: key });
    expect([status, body['code']]).toEqual([503, 'engine_unavailable']);
    expect((await getSession(stack.db, { tenantId, conversationId }))?.revokedAt).toBeNull();
    expect((await read<{ items: [] }>('')).body.items).toEqual([]);
  });

  it("answers the same for another tenant's as for what nobody knows", async () => {
    const other = await createTenant(stack.db);
    const theirs = await fillVisitor(stack.db, other, { name: 'Nepomuk' });
    const { key: theirKey } = await issueKey(stack.db, other.tenantId, ['data:erase']);
    const { body } = await erase({ conversationId: theirs }, { url: api.url, token: theirKey });
    const comparable = (answer: Answer) => ({ status: answer.status, body: { ...answer.body, requestId: undefined } });

    const foreign = comparable(await erase({ conversationId: theirs }));
    expect(foreign).toMatchObject({ status: 404, body: { code: 'conversation_not_found' } });
    expect(foreign).toEqual(comparable(await erase({ conversationId: uuidv7() })));
    expect(foreign).toEqual(comparable(await bulkDelete({ ids: [theirs] })));
    const receipt = comparable(await read(`/${String(body['id'])}`));
    expect(receipt).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(receipt).toEqual(comparable(await read(`/${uuidv7()}`)));
  });

  it('deletes in bulk the known ones of those named, or the longest closed, as many as it is told', async () => {
    const ids: string[] = [];
    for (let n = 1; n <= 3; n += 1) {
      ids.push(await fillVisitor(stack.db, tenant, { name: 'Wilhelmina', threadId: n }));
    }
    const close = (id: string | undefined, closedAt: Date) =>
      withTenant(stack.db, tenant.tenantId, (tx) =>
        tx
          .update(conversations)
          .set({ status: 'closed', closedAt })
          .where(eq(conversations.id, id ?? '')),
      );
    await close(ids[0], new Date('2026-03-01'));
    await close(ids[1], new Date('2026-02-01'));
    const itemsOf = async ({ body }: Answer) => {
      const details = await read<ErasureDetails>(`/${String(body['id'])}`);
      return [details.body.kind, ...details.body.items.map(({ conversationId }) => conversationId)];
    };

    const oldest = await bulkDelete({ closedBefore: '2026-04-01T00:00:00Z', limit: 1 });
    expect(await itemsOf(oldest)).toEqual(['closedBefore', ids[1]]);
    expect((await bulkDelete({ closedBefore: '2026-01-01T00:00:00Z' })).status).toBe(404);
    const named = await bulkDelete({ ids: [ids[2], uuidv7()] });
    expect(await itemsOf(named)).toEqual(['ids', ids[2]]);
    expect((await bulkDelete({ ids: Array.from({ length: 1_001 }, () => uuidv7()) })).status).toBe(400);

    const first = await read<{ items: ErasureSummary[]; nextCursor: string }>('?limit=1');
    expect(first.body.items).toMatchObject([{ id: named.body['id'], kind: 'ids' }]);
    const second = await read<{ items: ErasureSummary[] }>(`?limit=1&cursor=${first.body.nextCursor}`);
    expect(second.body.items).toMatchObject([
      { id: oldest.body['id'], requestedBy: expect.stringMatching('^apiKey:') },
    ]);
  });
});
