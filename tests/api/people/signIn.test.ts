import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Browser } from './support/browser.ts';
import { type PeopleStack, startPeople } from './support/startPeople.ts';

let stack: PeopleStack;
beforeAll(async () => {
  stack = await startPeople();
});
afterAll(() => stack.stop());

const SESSION = 'parley.session_token';

it('signs in with e-mail and password, says who is signed in, and signs out', async () => {
  const { email, password, userId, tenantId } = await stack.person({ role: 'agent' });
  const browser = stack.browser();
  const answer = await browser.post('/api/auth/sign-in', { email: email.toUpperCase(), password });
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ status: 'signed_in' });

  expect((await browser.get('/api/auth/me')).body).toEqual({
    user: { id: userId, email, name: 'Kim', twoFactorEnabled: false },
    platformAdmin: false,
    memberships: [{ tenantId, role: 'agent' }],
  });

  const stolen = new Browser(stack.url, browser.cookies);
  expect((await browser.post('/api/auth/sign-out')).status).toBe(204);
  expect(browser.cookies.has(SESSION)).toBe(false);
  expect((await stolen.get('/api/auth/me')).body['code']).toBe('auth_required');
});

it('keeps the session in a cookie that no script reads and no other site sends', async () => {
  const { setCookies } = await stack.browser().post('/api/auth/sign-in', await stack.person());
  const cookie = setCookies.find((text) => text.startsWith(SESSION));
  expect(cookie).toMatch(/; HttpOnly/);
  expect(cookie).toMatch(/; SameSite=Lax/);
  expect(cookie).toMatch(/; Path=\//);
  expect(cookie).not.toMatch(/Domain/i);
});

it('binds the cookie to https and to its host where it is for production', async () => {
  const secure = await startPeople({ PUBLIC_URL: 'https://desk.example' });
  try {
    const person = await secure.person();
    const { setCookies } = await secure.browser().post('/api/auth/sign-in', person, { origin: 'https://desk.example' });
    expect(setCookies).toHaveLength(1);
    expect(setCookies[0]).toMatch(/^__Host-parley\.session_token=.+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  } finally {
    await secure.stop();
  }
});

it('answers an unknown address as it answers a wrong password', async () => {
  const { email } = await stack.person();
  const wrong = await stack.browser().post('/api/auth/sign-in', { email, password: 'not the right one' });
  const unknown = await stack
    .browser()
    .post('/api/auth/sign-in', { email: `${uuidv7()}@nobody.example`, password: 'not the right one' });
  expect(wrong.status).toBe(401);
  expect(unknown.status).toBe(401);
  const { requestId: first, ...wrongBody } = wrong.body;
  const { requestId: second, ...unknownBody } = unknown.body;
  expect(wrongBody).toEqual(unknownBody);
  expect(wrongBody['code']).toBe('credentials_invalid');
  expect(first).not.toBe(second);
});

it('makes whoever guesses wait, known address or not, and lets nobody else wait', async () => {
  const { email, password } = await stack.person();
  for (const address of [email, `${uuidv7()}@nobody.example`]) {
    const guess = () => stack.browser().post('/api/auth/sign-in', { email: address, password: 'a wrong guess' });
    const codes: unknown[] = [];
    for (let count = 0; count < 7; count += 1) codes.push((await guess()).body['code']);
    expect(codes.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => 'credentials_invalid'));
    expect(codes[6]).toBe('rate_limited');
  }
  const locked = await stack.browser().post('/api/auth/sign-in', { email, password });
  expect(locked.status).toBe(429);
  expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(20);
  await stack.signIn(await stack.person());
});

it('lets few of many guesses at once through', async () => {
  const { email } = await stack.person();
  const guesses = Array.from({ length: 20 }, (_, index) =>
    stack.browser().post('/api/auth/sign-in', { email, password: `a wrong guess ${index}` }),
  );
  const codes = (await Promise.all(guesses)).map(({ body }) => body['code']);
  expect(codes.filter((code) => code === 'credentials_invalid').length).toBeLessThanOrEqual(6);
  expect(codes.filter((code) => code === 'rate_limited').length).toBeGreaterThanOrEqual(14);
});

it('forgets wrong passwords after the right one', async () => {
  const person = await stack.person();
  for (let round = 0; round < 2; round += 1) {
    for (let count = 0; count < 4; count += 1) {
      await stack.browser().post('/api/auth/sign-in', { email: person.email, password: 'a wrong guess' });
    }
    await stack.signIn(person);
  }
});

it('gives every sign-in a session of its own, whatever cookie came along', async () => {
  const [attacker, victim] = [await stack.person(), await stack.person()];
  const planted = await stack.signIn(attacker);
  const before = planted.cookies.get(SESSION);
  const browser = new Browser(stack.url, planted.cookies);
  await browser.post('/api/auth/sign-in', victim);
  expect(browser.cookies.get(SESSION)).not.toBe(before);
  // What the browser had before is worth nothing any more.
  expect((await planted.get('/api/auth/me')).body['code']).toBe('auth_required');
});

it('takes no cookie whose signature is not ours', async () => {
  const browser = await stack.signIn(await stack.person());
  const [token] = (browser.cookies.get(SESSION) ?? '').split('.');
  const { rows } = await stack.db.pool.query('SELECT token FROM people.sessions WHERE token = $1', [token]);
  expect(rows).toHaveLength(1);
  for (const forged of [token, `${token}.`, `${token}.${'A'.repeat(43)}%3D`, '%E0%A4%A', '%00', '.', ' ']) {
    const thief = new Browser(stack.url, [[SESSION, forged ?? '']]);
    expect((await thief.get('/api/auth/me')).body['code']).toBe('auth_required');
  }
});

it('ends a session that nobody has used for 12 hours, and one that is 7 days old', async () => {
  for (const age of ["updated_at = now() - interval '13 hours'", "expires_at = now() - interval '1 second'"]) {
    const person = await stack.person();
    const browser = await stack.signIn(person);
    await stack.db.pool.query(`UPDATE people.sessions SET ${age} WHERE user_id = $1`, [person.userId]);
    expect((await browser.get('/api/auth/me')).body['code']).toBe('auth_required');
    const { rows } = await stack.db.pool.query('SELECT 1 FROM people.sessions WHERE user_id = $1', [person.userId]);
    expect(rows).toHaveLength(0);
  }
});

it('keeps nothing whose time is over', async () => {
  const person = await stack.person();
  const left = `left-${person.userId}`;
  await stack.signIn(person);
  await stack.db.pool.query(
    `UPDATE people.sessions SET expires_at = now() - interval '1 minute' WHERE user_id = '${person.userId}'`,
  );
  await stack.db.pool.query(
    `INSERT INTO people.verifications (id, identifier, value, expires_at) VALUES ('${left}', '${left}', '', now() - interval '1 minute')`,
  );
  await stack.signIn(await stack.person());
  const { rows } = await stack.db.pool.query(
    `SELECT id FROM people.sessions WHERE user_id = '${person.userId}' UNION SELECT id FROM people.verifications WHERE id = '${left}'`,
  );
  expect(rows).toEqual([]);
});

it('counts a session as used', async () => {
  const person = await stack.person();
  const browser = await stack.signIn(person);
  await stack.db.pool.query("UPDATE people.sessions SET updated_at = now() - interval '11 hours' WHERE user_id = $1", [
    person.userId,
  ]);
  expect((await browser.get('/api/auth/me')).status).toBe(200);
  const { rows } = await stack.db.pool.query(
    "SELECT 1 FROM people.sessions WHERE user_id = $1 AND updated_at > now() - interval '1 minute'",
    [person.userId],
  );
  expect(rows).toHaveLength(1);
});

it('refuses what another site’s page makes a signed-in browser send', async () => {
  const browser = await stack.signIn(await stack.person());
  const invite = (headers: Record<string, string>, origin: string | null) =>
    browser.post('/v1/admin/invitations', { email: 'new@people.example', role: 'agent' }, { headers, origin });
  const foreign = [
    await invite({}, 'https://evil.example'),
    await invite({}, 'null'),
    await invite({}, null),
    await invite({ 'sec-fetch-site': 'cross-site' }, null),
    await invite({ 'sec-fetch-site': 'same-site' }, stack.url),
    await invite({ 'sec-fetch-site': 'same-origin' }, 'https://evil.example'),
    await browser.post('/api/auth/sign-out', undefined, { origin: 'https://evil.example' }),
    await stack.browser().post('/api/auth/sign-in', await stack.person(), { origin: 'https://evil.example' }),
  ];
  for (const { status, body } of foreign) {
    expect(status).toBe(403);
    expect(body['code']).toBe('csrf_refused');
  }
  expect((await invite({ 'sec-fetch-site': 'same-origin' }, stack.url)).status).toBe(201);
  expect((await browser.get('/api/auth/me')).status).toBe(200);
});

it('knows who runs the installation', async () => {
  const browser = await stack.signIn(await stack.platformAdmin());
  expect((await browser.get('/api/auth/me')).body).toMatchObject({ platformAdmin: true, memberships: [] });
  expect((await browser.get('/v1/admin/tenants')).status).toBe(200);
  const member = await stack.signIn(await stack.person());
  expect((await member.get('/v1/admin/tenants')).status).toBe(403);
});

it('writes no address, password or cookie to the log', async () => {
  const person = await stack.person();
  const browser = await stack.signIn(person);
  await stack.browser().post('/api/auth/sign-in', { email: person.email, password: 'a wrong guess' });
  await browser.post('/v1/admin/invitations', { email: 'whom-nobody-logs@people.example', role: 'agent' });
  await browser.get('/api/auth/me');
  const token = (browser.cookies.get(SESSION) ?? '').split('.')[0] ?? '';
  expect(stack.log()).toContain('/api/auth/sign-in');
  for (const secret of [person.email, 'whom-nobody-logs', person.password, 'a wrong guess', token]) {
    expect(stack.log()).not.toContain(secret);
  }
});
