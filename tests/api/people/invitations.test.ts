import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Role } from '../../../contracts/access.ts';
import { listAudit } from '../../../db/queries/audit/listAudit.ts';
import { PASSWORD, type PeopleStack, startPeople } from './support/startPeople.ts';

let stack: PeopleStack;
beforeAll(async () => {
  stack = await startPeople();
});
afterAll(() => stack.stop());

const ACCOUNT = { name: 'Robin', password: PASSWORD };
const newAddress = () => `${uuidv7()}@invited.example`;

/** An admin with a tenant, who invites. */
async function inviter() {
  const admin = await stack.person();
  const browser = await stack.signIn(admin);
  return {
    tenantId: admin.tenantId,
    browser,
    invite: (email: string, role: Role = 'agent') => browser.post('/v1/admin/invitations', { email, role }),
    list: async () => (await browser.get('/v1/admin/invitations')).body['items'] as Record<string, unknown>[],
  };
}
const accept = (token: string, account: object | null = ACCOUNT, browser = stack.browser()) =>
  browser.post('/api/auth/invitations/accept', { token, account: account ?? undefined });

it('brings a newcomer in by mail, once, and into one tenant', async () => {
  const { tenantId, invite, list } = await inviter();
  const email = newAddress();
  const invited = await invite(email);
  expect(invited.status).toBe(201);
  expect(invited.body).toMatchObject({ email, role: 'agent', acceptedAt: null });
  const token = await stack.mail.nextToken(email);
  expect(JSON.stringify(invited.body)).not.toContain(token);

  const browser = stack.browser();
  const accepted = await accept(token, ACCOUNT, browser);
  expect(accepted.body).toEqual({ tenantId });
  expect((await browser.get('/api/auth/me')).body).toMatchObject({
    user: { email, name: 'Robin' },
    platformAdmin: false,
    memberships: [{ tenantId, role: 'agent' }],
  });
  await stack.signIn({ email, password: PASSWORD });
  expect((await accept(token, { ...ACCOUNT, password: 'another long password' })).body['code']).toBe(
    'invitation_invalid',
  );
  expect((await list())[0]?.['acceptedAt']).toEqual(expect.any(String));
  const { rows } = await stack.db.pool.query('SELECT 1 FROM find_invitation(sha256($1::bytea))', [token]);
  expect(rows).toHaveLength(1);
});

it('makes somebody with an account a member when they are signed in, and takes over nobody’s account', async () => {
  const { tenantId, invite } = await inviter();
  const person = await stack.person();
  await invite(person.email, 'viewer');
  const token = await stack.mail.nextToken(person.email);

  const taken = await accept(token, { name: 'Robin', password: 'whoever has the mail' });
  expect(taken.body['code']).toBe('account_exists');
  expect((await accept(token, null)).body['code']).toBe('auth_required');
  const somebodyElse = await stack.signIn(await stack.person());
  expect((await accept(token, null, somebodyElse)).body['code']).toBe('auth_required');

  const browser = await stack.signIn(person);
  expect((await accept(token, null, browser)).body).toEqual({ tenantId });
  await expect
    .poll(async () => (await browser.get('/api/auth/me')).body['memberships'], { timeout: 5_000 })
    .toContainEqual({ tenantId, role: 'viewer' });
});

it('lets one of two at once accept', async () => {
  const { invite } = await inviter();
  const email = newAddress();
  await invite(email);
  const token = await stack.mail.nextToken(email);
  const answers = await Promise.all([accept(token), accept(token)]);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 404]));
});

it('voids what was revoked, replaced or out of time', async () => {
  const { tenantId, browser, invite, list } = await inviter();
  const email = newAddress();
  const codeOf = async (token: string) => (await accept(token)).body['code'];

  await invite(email);
  const replaced = await stack.mail.nextToken(email);
  const { body } = await invite(email, 'viewer');
  const revoked = await stack.mail.nextToken(email);
  expect(await codeOf(replaced)).toBe('invitation_invalid');
  expect(await list()).toHaveLength(1);

  expect((await browser.send('DELETE', `/v1/admin/invitations/${String(body['id'])}`, {})).status).toBe(204);
  expect((await browser.send('DELETE', `/v1/admin/invitations/${String(body['id'])}`, {})).status).toBe(404);
  expect(await codeOf(revoked)).toBe('invitation_invalid');

  await invite(email);
  const old = await stack.mail.nextToken(email);
  await stack.db.pool.query(
    `BEGIN; SET LOCAL app.tenant_id = '${tenantId}'; UPDATE invitations SET expires_at = now(); COMMIT`,
  );
  expect(await codeOf(old)).toBe('invitation_invalid');
});

it('is an admin’s, within their own tenant, and on record', async () => {
  const { tenantId, browser, invite } = await inviter();
  const other = await inviter();
  const { body } = await other.invite(newAddress());
  const foreign = await browser.send('DELETE', `/v1/admin/invitations/${String(body['id'])}`, {});
  const unknown = await browser.send('DELETE', `/v1/admin/invitations/${uuidv7()}`, {});
  const { requestId: _first, ...foreignBody } = foreign.body;
  const { requestId: _second, ...unknownBody } = unknown.body;
  expect([foreign.status, foreignBody]).toEqual([unknown.status, unknownBody]);

  const agent = await stack.signIn(await stack.person({ role: 'agent', tenantId }));
  const refused = await agent.post('/v1/admin/invitations', { email: newAddress(), role: 'admin' });
  expect(refused.body['code']).toBe('forbidden');

  const email = newAddress();
  await invite(email);
  const entries = await listAudit(stack.db, tenantId, { limit: 10 });
  expect(entries.map(({ action }) => action)).toEqual(['invitation.created']);
  expect(JSON.stringify(entries)).not.toContain(email);
});

it('says that no mail could be sent', async () => {
  const own = await startPeople();
  try {
    const browser = await own.signIn(await own.person());
    own.mail.refuse();
    const answer = await browser.post('/v1/admin/invitations', { email: newAddress(), role: 'agent' });
    expect(answer.status).toBe(503);
    expect(answer.body['code']).toBe('mail_unavailable');
    expect(own.log()).not.toContain('@invited.example');
  } finally {
    await own.stop();
  }
});
