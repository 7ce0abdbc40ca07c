import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import type { AuditEntry } from '../../contracts/audit.ts';
import { insertAudit } from '../../db/queries/audit/insertAudit.ts';
import { withTenant } from '../../db/withTenant.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { issueKey } from './support/issueKey.ts';
import { type Stack, startStack } from './support/stack.ts';
import { request } from './support/visitor.ts';

/** More than one page of the export. */
const MANY = 620;

describe('the audit log of a tenant', () => {
  let stack: Stack;
  let api: RunningApi;

  beforeAll(async () => {
    stack = await startStack();
    api = await stack.startApi();
  });
  afterAll(() => stack.stop());

  /** A tenant in which so many things were done; the key that reads its log. */
  async function busyTenant(times: number): Promise<string> {
    const { tenantId } = await createTenant(stack.db);
    const { key } = await issueKey(stack.db, tenantId, ['audit:read']);
    const actor = { kind: 'system', id: null } as const;
    await withTenant(stack.db, tenantId, async (tx) => {
      for (let done = 1; done <= times; done += 1) {
        await insertAudit(tx, { tenantId, actor, action: 'thing.done', target: `thing/${done}` });
      }
    });
    return key;
  }

  const read = (token: string, query = '') => request(`${api.url}/v1/admin/audit${query}`, { token });

  it("is read page by page, the newest first, and is the tenant's alone", async () => {
    const [token, other] = [await busyTenant(5), await busyTenant(1)];
    const targets: string[] = [];
    let cursor: string | null = null;
    do {
      const { body } = await read(token, `?limit=2${cursor ? `&cursor=${cursor}` : ''}`);
      targets.push(...(body['items'] as AuditEntry[]).map(({ target }) => target));
      cursor = body['nextCursor'] as string | null;
    } while (cursor);
    expect(targets.slice(0, 5)).toEqual(['thing/5', 'thing/4', 'thing/3', 'thing/2', 'thing/1']);
    const theirs = (await read(other)).body['items'] as AuditEntry[];
    expect(theirs.filter(({ action }) => action === 'thing.done')).toHaveLength(1);
  });

  it('takes its line from whatever address, as far as a proxy names one', async () => {
    const token = await busyTenant(0);
    const behind = await stack.startApi({ TRUSTED_PROXIES: 1 });
    for (const written of ['unknown', '203.0.113.7:49152']) {
      const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': written };
      expect((await fetch(`${behind.url}/v1/admin/audit/export`, { headers })).status).toBe(200);
    }
    const [second, first] = (await read(token)).body['items'] as AuditEntry[];
    expect([first?.ip, second?.ip]).toEqual([null, '203.0.113.7']);
  });

  it('is exported whole, a line for each entry and one for the export', async () => {
    const token = await busyTenant(MANY);
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${api.url}/v1/admin/audit/export`, { headers });
    const entries = linesOf(await response.text()).filter(({ action }) => action !== 'api_key.created');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    expect(entries[0]).toMatchObject({ action: 'audit.exported', actor: { kind: 'apiKey' } });
    expect(entries.slice(1).map(({ target }) => target)).toEqual(
      Array.from({ length: MANY }, (_, index) => `thing/${MANY - index}`),
    );
  });
});

function linesOf(text: string): AuditEntry[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditEntry);
}
