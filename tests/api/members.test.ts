import { randomBytes, randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeApiKey } from '../../api/access/apiKeyText.ts';
import type { RunningApi } from '../../api/startApi.ts';
import type { Role, Scope } from '../../contracts/access.ts';
import type { Issuer } from '../../db/queries/access/boundsOf.ts';
import { insertApiKey } from '../../db/queries/apiKeys/insertApiKey.ts';
import { listApiKeys } from '../../db/queries/apiKeys/listApiKeys.ts';
import type { By } from '../../db/queries/audit/insertAudit.ts';
import { listAudit } from '../../db/queries/audit/listAudit.ts';
import { createInvitation } from '../../db/queries/invitations/createInvitation.ts';
import { listInvitations } from '../../db/queries/invitations/listInvitations.ts';
import { insertMembership } from '../../db/queries/people/insertMembership.ts';
import { users } from '../../db/schema/people/users.ts';
import { withTenant } from '../../db/withTenant.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { issueKey } from './support/issueKey.ts';
import { type Stack, startStack } from './support/stack.ts';
import { request } from './support/visitor.ts';

describe('the members of a tenant', () => {
  let stack: Stack;
  let api: RunningApi;
  let tenantId: string;
  let manager: string;

  beforeAll(async () => {
    stack = await startStack();
    api = await stack.startApi();
  });
  afterAll(() => stack.stop());
  beforeEach(async () => {
    ({ tenantId } = await createTenant(stack.db));
    ({ key: manager } = await issueKey(stack.db, tenantId, ['members:manage']));
  });

  const call = (path: string, init: Parameters<typeof request>[1] = {}) =>
    request(`${api.url}/v1/admin/members${path}`, { token: manager, ...init });
  const change = (id: string, role: Role) => call(`/${id}`, { method: 'PATCH', body: { role } });
  const remove = (id: string) => call(`/${id}`, { method: 'DELETE' });
  const list = async () => (await call('')).body['items'] as { id: string; role: Role }[];

  async function join(role: Role, tenant = tenantId): Promise<string> {
    const userId = uuidv7();
    await withTenant(stack.db, tenant, async (tx) => {
      await tx.insert(users).values({ id: userId, name: 'Kim', email: `${userId}@people.example` });
      await insertMembership(tx, { tenantId: tenant, userId, role });
    });
    return userId;
  }
  function issueAs(userId: string, scopes: Scope[]) {
    const { key, ...kept } = makeApiKey();
    const row = { ...kept, tenantId, name: 'Theirs', scopes, requestsPerMinute: 100 };
    const by = { actor: { kind: 'person', id: userId } } as const;
    return insertApiKey(stack.db, row, { kind: 'member', userId }, by).then(() => key);
  }

  it('are listed by pages, those of other tenants never', async () => {
    const { tenantId: stranger } = await createTenant(stack.db);
    await join('admin', stranger);
    const ids = [await join('admin'), await join('agent'), await join('viewer')];
    const first = await call('?limit=2');
    const rest = await call(`?limit=2&cursor=${String(first.body['nextCursor'])}`);
    const items = [first, rest].flatMap(({ body }) => body['items'] as { id: string; email: string }[]);
    expect(items.map(({ id }) => id)).toEqual(ids);
    expect(items[0]).toMatchObject({ name: 'Kim', email: `${ids[0]}@people.example`, role: 'admin' });
    expect(rest.body['nextCursor']).toBeNull();
  });

  it('change their role and leave, with a line in the audit log for each', async () => {
    const [admin, agent] = [await join('admin'), await join('agent')];
    expect((await change(agent, 'viewer')).status).toBe(204);
    expect((await list()).find(({ id }) => id === agent)?.role).toBe('viewer');
    expect((await remove(agent)).status).toBe(204);
    expect((await list()).map(({ id }) => id)).toEqual([admin]);
    expect(await remove(agent)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await listAudit(stack.db, tenantId, { limit: 2 })).toMatchObject([
      { action: 'member.removed', target: `person/${agent}`, actor: { kind: 'apiKey' } },
      { action: 'member.role_changed', target: `person/${agent}`, data: { from: 'agent', to: 'viewer' } },
    ]);
  });

  it('always have an admin among them, also when two leave at once', async () => {
    const [one, two] = [await join('admin'), await join('admin')];
    await join('agent');
    const answers = await Promise.all([remove(one), change(two, 'viewer')]);
    expect(answers.map(({ status }) => status)).toEqual(expect.arrayContaining([204, 409]));
    expect(answers.find(({ status }) => status === 409)?.body['code']).toBe('last_admin');
    expect((await list()).filter(({ role }) => role === 'admin')).toHaveLength(1);
  });

  it('of another tenant are as unknown as nobody', async () => {
    const { tenantId: stranger } = await createTenant(stack.db);
    const theirs = await join('agent', stranger);
    for (const attempt of [remove, (id: string) => change(id, 'admin')]) {
      const [other, unknown] = [await attempt(theirs), await attempt(randomUUID())];
      expect(other).toMatchObject({ status: 404, body: { code: 'not_found' } });
      expect({ ...other.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
    }
  });

  it('issue keys within their role, and lose those that go beyond a smaller one', async () => {
    await join('admin');
    const person = await join('admin');
    const broad = await issueAs(person, ['members:manage']);
    const narrow = await issueAs(person, ['conversations:read']);
    const status = (token: string, path: string) =>
      request(`${api.url}/v1/admin/${path}`, { token }).then((answer) => answer.status);
    const conversation = `conversations/${randomUUID()}`;
    expect(await status(broad, 'members')).toBe(200);
    expect(await status(narrow, conversation)).toBe(404);
    await change(person, 'viewer');
    await vi.waitFor(async () => expect(await status(broad, 'members')).toBe(401), { timeout: 5_000, interval: 50 });
    expect(await status(narrow, conversation)).toBe(404);
    await expect(issueAs(person, ['conversations:write'])).rejects.toMatchObject({ code: 'forbidden' });
    await remove(person);
    await vi.waitFor(async () => expect(await status(narrow, conversation)).toBe(401), {
      timeout: 5_000,
      interval: 50,
    });
    await expect(issueAs(person, ['conversations:read'])).rejects.toMatchObject({ code: 'forbidden' });
  });
  it('take the invitations with them that nobody has accepted, and make none while they go', async () => {
    await join('admin');
    const person = await join('admin');
    const inviteAs = (issuer: Issuer, email: string, { kind, id }: By['actor']) => {
      const row = { tenantId, email, role: 'admin', invitedBy: `${kind}/${id}` } as const;
      const invitation = { ...row, tokenHash: randomBytes(32), expiresAt: new Date(Date.now() + 60_000) };
      return createInvitation(stack.db, invitation, issuer, { actor: { kind, id } });
    };
    const invite = (email: string) =>
      inviteAs({ kind: 'member', userId: person }, email, { kind: 'person', id: person });
    const open = async () => (await listInvitations(stack.db, tenantId, { limit: 10 })).map(({ email }) => email);
    await issueAs(person, ['members:manage']);
    const [key] = await listApiKeys(stack.db, tenantId, { limit: 1 });
    const keyId = key?.id ?? '';
    await invite('their-second-self@people.example');
    await inviteAs({ kind: 'apiKey', keyId }, 'by-their-key@people.example', { kind: 'apiKey', id: keyId });
    await inviteAs({ kind: 'installation' }, 'by-somebody-else@people.example', { kind: 'service', id: null });
    expect(await open()).toHaveLength(3);

    await change(person, 'agent');
    expect(await open()).toEqual(['by-somebody-else@people.example']);
    const lines = await listAudit(stack.db, tenantId, { limit: 10 });
    expect(lines.filter(({ action }) => action === 'invitation.revoked')).toHaveLength(2);
    await expect(invite('late@people.example')).rejects.toMatchObject({ code: 'forbidden' });

    await change(person, 'admin');
    const race = await Promise.allSettled([
      remove(person),
      ...Array.from({ length: 5 }, (_, n) => invite(`${n}@people.example`)),
    ]);
    expect(race[0]).toMatchObject({ value: { status: 204 } });
    expect(await open()).toEqual(['by-somebody-else@people.example']);
  });
});
