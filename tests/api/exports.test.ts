import { setTimeout as sleep } from 'node:timers/promises';
import { getTableName, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import { listAudit } from '../../db/queries/audit/listAudit.ts';
import { TABLES_OF_A_CONVERSATION } from '../../db/queries/erasures/eraseRows.ts';
import { EXPORT_BATCH, exportLines } from '../../db/queries/export/exportLines.ts';
import { conversations } from '../../db/schema/conversations.ts';
import { messages } from '../../db/schema/messages.ts';
import { sites } from '../../db/schema/sites.ts';
import { withTenant } from '../../db/withTenant.ts';
import { createTenant, type TestTenant } from '../db/fixtures/createTenant.ts';
import { wordsOf } from '../db/fixtures/wordsOf.ts';
import { until } from '../workflow/until.ts';
import { fillVisitor } from './support/fillVisitor.ts';
import { issueKey } from './support/issueKey.ts';
import { type Stack, startStack } from './support/stack.ts';
import { request } from './support/visitor.ts';

const MANY = 50_000;

interface Line extends Record<string, unknown> {
  type: string;
}

describe('POST /v1/admin/exports', () => {
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
    ({ key } = await issueKey(stack.db, tenant.tenantId, ['data:export']));
  });

  function ask(body: unknown, options: { token?: string; signal?: AbortSignal } = {}): Promise<Response> {
    return fetch(`${api.url}/v1/admin/exports`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${options.token ?? key}` },
      body: JSON.stringify(body),
      signal: options.signal,
    });
  }

  async function archive(body: unknown): Promise<Line[]> {
    const response = await ask(body);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    return linesOf(await response.text());
  }

  const linesOf = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);

  /** Fills the tenant with one conversation of that many messages, which were written before words were sealed. */
  async function fillTenant(count: number): Promise<string> {
    const conversationId = await fillVisitor(stack.db, tenant, { name: 'Wilhelmina' });
    await addMessages(conversationId, 2, count);
    return conversationId;
  }

  async function addMessages(conversationId: string, from: number, to: number): Promise<void> {
    for (let first = from; first <= to; first += 10_000) {
      const last = Math.min(first + 9_999, to);
      await withTenant(stack.db, tenant.tenantId, (tx) =>
        tx.execute(sql`insert into ${messages} (tenant_id, conversation_id, id, seq, direction, author_kind, content, created_at)
          select ${tenant.tenantId}, ${conversationId}, gen_random_uuid(), n, 'INBOUND', 'visitor',
            '\\x00'::bytea || convert_to('{"text":"message ' || n || '"}', 'UTF8'), now() from generate_series(${first}::int, ${last}::int) n`),
      );
    }
  }

  /** Connections that an export holds while its reader takes nothing, and when each was last busy. */
  async function exporting(): Promise<{ pid: number; busyAt: string }[]> {
    const { rows } = await stack.db.pool.query<{ pid: number; busyAt: string }>(
      `SELECT pid, state_change::text AS "busyAt" FROM pg_stat_activity
       WHERE query LIKE 'FETCH%' AND state = 'idle in transaction' ORDER BY pid`,
    );
    return rows;
  }

  /** Resolves with the one export once it reads no further: the same moment of its last work in two looks. */
  async function atRest(): Promise<{ pid: number; busyAt: string }> {
    let [before] = await exporting();
    await until(async () => {
      await sleep(200);
      const [now] = await exporting();
      const rests = now !== undefined && now.busyAt === before?.busyAt;
      before = now;
      return rests;
    }, 'the export at rest');
    if (!before) throw new Error('There is no export');
    return before;
  }

  it('gives a visitor everything that is kept of them, opened, and nothing of anybody else', async () => {
    const mine = await fillVisitor(stack.db, tenant, { name: 'Wilhelmina', threadId: 1 });
    const other = await fillVisitor(stack.db, tenant, { name: 'Nepomuk', threadId: 2 });
    const lines = await archive({ visitor: { conversationId: mine } });
    const tables = [...TABLES_OF_A_CONVERSATION, conversations].map((table) => getTableName(table));

    const [first, ...rest] = lines;
    expect(first).toMatchObject({ type: 'export', version: 1, tenantId: tenant.tenantId, conversationIds: [mine] });
    expect(rest.pop()).toEqual({
      type: 'end',
      complete: true,
      counts: Object.fromEntries(tables.map((name) => [name, 1])),
    });
    expect(rest.map(({ type }) => type).sort()).toEqual(tables.sort());
    expect(rest.find(({ type }) => type === 'messages')).toMatchObject({ content: { text: 'Wilhelmina asks' } });
    expect(rest.find(({ type }) => type === 'conversation_notes')).toMatchObject({ text: 'Wilhelmina is noted' });
    expect(rest.find(({ type }) => type === 'outbox')).toMatchObject({ text: 'Wilhelmina is titled' });
    expect(JSON.stringify(lines)).not.toMatch(new RegExp(`Nepomuk|${other}`));
    expect(await listAudit(stack.db, tenant.tenantId, { limit: 1 })).toMatchObject([
      { action: 'visitor.exported', data: { conversationIds: [mine] } },
    ]);
  });

  it('finds a visitor by whatever name Parley knows them, without keeping the name', async () => {
    const verifiedUserId = `user-${uuidv7()}`;
    const mine = await fillVisitor(stack.db, tenant, { name: 'Wilhelmina', verifiedUserId });
    for (const visitor of [{ verifiedUserId }, { portalUserId: `user-of-${mine}` }, { conversationId: mine }]) {
      const [first] = await archive({ visitor });
      expect(first).toMatchObject({ conversationIds: [mine] });
    }
    expect(JSON.stringify(await listAudit(stack.db, tenant.tenantId, { limit: 10 }))).not.toContain(verifiedUserId);
  });

  it("answers the same for another tenant's visitor as for one that nobody knows, and 403 without the scope", async () => {
    const other = await createTenant(stack.db);
    const theirs = await fillVisitor(stack.db, other, { name: 'Nepomuk' });
    const answers = [theirs, uuidv7()].map(async (conversationId) => {
      const { status, body } = await request(`${api.url}/v1/admin/exports`, {
        token: key,
        body: { visitor: { conversationId } },
      });
      return { status, body: { ...body, requestId: undefined } };
    });
    const [foreign, unknown] = await Promise.all(answers);
    expect(foreign).toMatchObject({ status: 404, body: { code: 'conversation_not_found' } });
    expect(foreign).toEqual(unknown);
    const reader = await issueKey(stack.db, tenant.tenantId, ['conversations:read']);
    expect((await ask({ tenant: true }, { token: reader.key })).status).toBe(403);
  });

  it("gives a tenant all of its rows without a secret and without another tenant's", async () => {
    await withTenant(stack.db, tenant.tenantId, (tx) =>
      tx.update(sites).set({ identitySecret: Buffer.from('the secret of the site') }),
    );
    const other = await createTenant(stack.db);
    await fillVisitor(stack.db, other, { name: 'Nepomuk' });
    await fillVisitor(stack.db, tenant, { name: 'Wilhelmina' });
    const lines = await archive({ tenant: true });
    const rows = lines.slice(1, -1);

    expect(lines.at(-1)).toMatchObject({ counts: { tenants: 1, sites: 1, messages: 1, api_keys: 1, audit_log: 2 } });
    expect(new Set(rows.map((row) => row['tenant_id'] ?? row['id']))).toEqual(new Set([tenant.tenantId]));
    const text = JSON.stringify(lines);
    expect(text).not.toMatch(/identity_secret|secret_hash|wrapped|Nepomuk/);
    expect(text).not.toContain(Buffer.from('the secret').toString('hex'));
  });

  it('holds a batch in memory, however much there is', async () => {
    await fillTenant(2_000);
    await wordsOf(stack.db).ready(tenant.tenantId);
    await withTenant(
      stack.db,
      tenant.tenantId,
      async (tx) => {
        let fetched = 0;
        const query = tx.$client.query.bind(tx.$client) as (text: string, values?: unknown[]) => Promise<{ rows: [] }>;
        const counting = async (text: string, values?: unknown[]) => {
          const result = await query(text, values);
          if (text.startsWith('FETCH')) fetched += result.rows.length;
          return result;
        };
        Object.assign(tx.$client, { query: counting });
        let read = 0;
        let mostAhead = 0;
        for await (const line of exportLines(tx, wordsOf(stack.db), { tenantId: tenant.tenantId })) {
          if (!/^{"type":"(export|end)"/.test(line)) read += 1;
          mostAhead = Math.max(mostAhead, fetched - read);
        }
        Object.assign(tx.$client, { query });
        expect(read).toBeGreaterThan(2_000);
        expect(mostAhead).toBeLessThanOrEqual(EXPORT_BATCH);
      },
      { snapshot: true },
    );
  });

  it('waits for a slow reader, shows the moment of its beginning, and ends with the true numbers', async () => {
    const conversationId = await fillTenant(MANY);
    const response = await ask({ tenant: true });
    const reader = response.body?.getReader();
    const chunks = [await reader?.read()];
    await atRest();
    await addMessages(conversationId, MANY + 1, MANY + 10);

    while (!chunks.at(-1)?.done) chunks.push(await reader?.read());
    const text = Buffer.concat(chunks.flatMap((chunk) => (chunk?.value ? [chunk.value] : []))).toString();
    const lines = linesOf(text);
    expect(lines.at(-1)).toMatchObject({ type: 'end', complete: true, counts: { messages: MANY } });
    expect(lines.filter(({ type }) => type === 'messages')).toHaveLength(MANY);
    await until(async () => (await exporting()).length === 0, 'the end of the transaction');
  });

  it('frees the connection when the reader goes away, and ends without its last line when the database does', async () => {
    await fillTenant(MANY);
    const leaving = new AbortController();
    const first = await ask({ tenant: true }, { signal: leaving.signal });
    await first.body?.getReader().read();
    await atRest();
    leaving.abort();
    await until(async () => (await exporting()).length === 0, 'the connection to be free');

    const second = await ask({ tenant: true });
    const reader = second.body?.getReader();
    await reader?.read();
    const { pid } = await atRest();
    await stack.db.pool.query('SELECT pg_terminate_backend($1)', [pid]);
    const drain = async () => {
      while (!(await reader?.read())?.done);
    };
    await expect(drain()).rejects.toThrow('terminated');
  });

  it('does as many at once as there may be, and asks others to come again', async () => {
    await fillTenant(MANY);
    const leaving = new AbortController();
    const { signal } = leaving;
    const two = [await ask({ tenant: true }, { signal }), await ask({ tenant: true }, { signal })];
    for (const { body } of two) await body?.getReader().read();
    const third = await ask({ tenant: true });
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '10']);
    leaving.abort();
    await until(async () => (await exporting()).length === 0, 'the connections to be free');
    await archive({ tenant: true });
  });
});
