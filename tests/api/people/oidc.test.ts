import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Browser } from './support/browser.ts';
import { type Forger, type Forgery, startForger } from './support/startForger.ts';
import { CLIENT, type OidcProvider, startOidcProvider } from './support/startOidcProvider.ts';
import { PASSWORD, type PeopleStack, startPeople } from './support/startPeople.ts';

const RETURN_TO = '/console/inbox';

let stack: PeopleStack;
let forger: Forger;
beforeAll(async () => {
  [stack, forger] = await Promise.all([startPeople(), startForger()]);
});
afterAll(async () => {
  await stack.stop();
  await forger.stop();
});

const newSlug = () => `acme-${uuidv7()}`;
const newAddress = () => `${uuidv7()}@acme.example`;

/** A new tenant's admin sets its provider. */
async function tenantWith(issuer: string, slug = newSlug()) {
  const { tenantId, ...admin } = await stack.person();
  const browser = await stack.signIn(admin);
  const save = (body: object) => browser.send('PUT', '/v1/admin/identity-provider', { body });
  const answer = await save({ slug, issuer, ...CLIENT, defaultRole: 'agent' });
  expect(answer.status).toBe(200);
  return { tenantId, slug, browser, save, answer };
}
const begin = (browser: Browser, slug: string) => browser.get(`/api/auth/oidc/${slug}/start?returnTo=${RETURN_TO}`);

describe('at a whole provider', () => {
  let provider: OidcProvider;
  let slug: string;
  beforeEach(async () => {
    slug = newSlug();
    provider = await startOidcProvider({ redirectUri: `${stack.url}/api/auth/oidc/${slug}/callback` });
  });
  afterEach(() => provider.stop());

  /** What a browser goes through; the last answer is the callback's. */
  async function signIn(browser: Browser, email: string) {
    const started = await begin(browser, slug);
    expect(started.status).toBe(302);
    const back = await provider.logIn(started.headers.get('location') ?? '', email);
    return { back, answer: await browser.get(back) };
  }

  it('signs a newcomer in at the tenant’s provider, as a member of that tenant alone', async () => {
    const { tenantId, answer: saved } = await tenantWith(provider.issuer, slug);
    expect(saved.body['redirectUri']).toBe(`${stack.url}/api/auth/oidc/${slug}/callback`);
    const email = newAddress();
    const browser = stack.browser();
    const { answer, back } = await signIn(browser, email);
    expect([answer.status, answer.headers.get('location')]).toEqual([302, RETURN_TO]);
    expect((await browser.get('/api/auth/me')).body).toMatchObject({
      user: { email, name: 'Alex of the tenant' },
      platformAdmin: false,
      memberships: [{ tenantId, role: 'agent' }],
    });
    expect((await browser.get(back)).body['code']).toBe('oidc_expired');

    const again = stack.browser();
    await signIn(again, email);
    expect((await again.get('/api/auth/me')).body['user']).toEqual((await browser.get('/api/auth/me')).body['user']);
    expect(stack.log()).not.toContain(email);
  });

  it('lets nobody else bring a sign-in to its end', async () => {
    await tenantWith(provider.issuer, slug);
    const started = await begin(stack.browser(), slug);
    const back = await provider.logIn(started.headers.get('location') ?? '', newAddress());
    const victim = stack.browser();
    expect((await victim.get(back)).body['code']).toBe('oidc_expired');
    await begin(victim, slug);
    expect((await victim.get(back)).body['code']).toBe('oidc_expired');
  });

  it('takes over nobody’s account, though the provider vouches for the address', async () => {
    await tenantWith(provider.issuer, slug);
    const person = await stack.person();
    const browser = stack.browser();
    const { answer } = await signIn(browser, person.email);
    expect([answer.status, answer.body['code']]).toEqual([409, 'account_exists']);
    expect((await browser.get('/api/auth/me')).status).toBe(401);
  });

  it('is believed in its own tenant only, whatever else the person may do', async () => {
    const { tenantId } = await tenantWith(provider.issuer, slug);
    const email = newAddress();
    const browser = stack.browser();
    await signIn(browser, email);
    const { id } = (await browser.get('/api/auth/me')).body['user'] as { id: string };
    const other = await stack.person();
    await stack.db.pool.query(
      `BEGIN; SET LOCAL app.tenant_id = '${other.tenantId}';
       INSERT INTO memberships (tenant_id, user_id, role) VALUES ('${other.tenantId}', '${id}', 'admin'); COMMIT`,
    );
    await stack.db.pool.query('UPDATE people.users SET platform_admin = true WHERE id = $1', [id]);
    const again = stack.browser();
    await signIn(again, email);
    expect((await again.get('/api/auth/me')).body).toMatchObject({
      platformAdmin: false,
      memberships: [{ tenantId, role: 'agent' }],
    });
    const inOther = await again.get('/v1/admin/members', { 'parley-tenant': other.tenantId });
    expect(inOther.body['code']).toBe('forbidden');
    expect((await again.get('/v1/admin/tenants')).body['code']).toBe('forbidden');
    const change = { currentPassword: PASSWORD, newPassword: PASSWORD };
    expect((await again.post('/api/auth/password', change)).body['code']).toBe('forbidden');
  });

  it('lets in nobody who is a member no more, and signs all out when the provider goes', async () => {
    const { browser: admin } = await tenantWith(provider.issuer, slug);
    const email = newAddress();
    const browser = stack.browser();
    await signIn(browser, email);
    expect((await admin.send('DELETE', '/v1/admin/identity-provider', {})).status).toBe(204);
    expect((await browser.get('/api/auth/me')).body['code']).toBe('auth_required');
    expect((await begin(browser, slug)).body['code']).toBe('not_found');

    await admin.send('PUT', '/v1/admin/identity-provider', {
      body: { slug, issuer: provider.issuer, ...CLIENT, defaultRole: 'agent' },
    });
    await signIn(browser, email);
    const { id } = (await browser.get('/api/auth/me')).body['user'] as { id: string };
    expect((await admin.send('DELETE', `/v1/admin/members/${id}`, {})).status).toBe(204);
    const { answer } = await signIn(stack.browser(), email);
    expect(answer.body['code']).toBe('forbidden');
  });
});

/** A callback with a code that the forger trades for whatever it is told to. */
async function comeBack(
  slug: string,
  forge: (nonce: string) => Forgery | undefined,
  change: Record<string, string> = {},
) {
  const browser = stack.browser();
  const location = new URL((await begin(browser, slug)).headers.get('location') ?? '');
  const { state = '', nonce = '' } = Object.fromEntries(location.searchParams);
  forger.next = forge(nonce);
  const query = new URLSearchParams({ code: 'a-code', state, ...change });
  const answer = await browser.get(`/api/auth/oidc/${slug}/callback?${query}`);
  return { answer, browser, location };
}

it('asks the provider with state, nonce and PKCE', async () => {
  const { slug } = await tenantWith(forger.issuer);
  const { answer, location } = await comeBack(slug, (nonce) => ({ nonce, claims: { email: newAddress(), sub: slug } }));
  expect(answer.status).toBe(302);
  const asked = Object.fromEntries(location.searchParams);
  expect(asked).toMatchObject({ response_type: 'code', code_challenge_method: 'S256', client_id: CLIENT.clientId });
  for (const name of ['state', 'nonce', 'code_challenge']) expect(asked[name]?.length).toBeGreaterThan(40);
});

it('believes no ID token that is forged, for somebody else, of another sign-in, or too old', async () => {
  const { slug } = await tenantWith(forger.issuer);
  const email = newAddress();
  const past = Math.floor(Date.now() / 1_000) - 3_600;
  const forgeries: [string, (nonce: string) => Forgery][] = [
    ['another nonce', () => ({ nonce: 'the-nonce-of-somebody-else', claims: { email } })],
    ['a foreign key', (nonce) => ({ nonce, claims: { email }, withForeignKey: true })],
    ['no signature', (nonce) => ({ nonce, claims: { email }, unsigned: true })],
    ['another audience', (nonce) => ({ nonce, claims: { email, aud: 'another-client' } })],
    ['another issuer', (nonce) => ({ nonce, claims: { email, iss: 'https://evil.example' } })],
    ['a time that is over', (nonce) => ({ nonce, claims: { email, iat: past, exp: past + 60 } })],
  ];
  for (const [what, forge] of forgeries) {
    const { answer, browser } = await comeBack(slug, forge);
    expect([what, answer.status, answer.body['code']]).toEqual([what, 401, 'oidc_refused']);
    expect((await browser.get('/api/auth/me')).status).toBe(401);
  }
});

it('takes no state that it did not give to this browser', async () => {
  const { slug } = await tenantWith(forger.issuer);
  const right = (nonce: string) => ({ nonce, claims: { email: newAddress(), sub: slug } });
  const { answer } = await comeBack(slug, right, { state: 'a-state-that-was-made-up-by-somebody' });
  expect(answer.body['code']).toBe('oidc_expired');
  const { answer: denied } = await comeBack(slug, right, { error: 'access_denied' });
  expect(denied.body['code']).toBe('oidc_refused');
});

it('takes one provider’s answer for no other’s', async () => {
  const [mine, other] = [await tenantWith(forger.issuer), await tenantWith(forger.issuer)];
  const browser = stack.browser();
  const location = new URL((await begin(browser, mine.slug)).headers.get('location') ?? '');
  const query = new URLSearchParams({ code: 'a-code', state: location.searchParams.get('state') ?? '' });
  const answer = await browser.get(`/api/auth/oidc/${other.slug}/callback?${query}`);
  expect(answer.body['code']).toBe('oidc_refused');
});

it('needs an address that the provider has verified', async () => {
  const { slug } = await tenantWith(forger.issuer);
  for (const claims of [{ email: newAddress(), email_verified: false }, {}]) {
    const { answer } = await comeBack(slug, (nonce) => ({ nonce, claims }));
    expect([answer.status, answer.body['code']]).toEqual([403, 'email_unverified']);
  }
});

it('tells a provider that fails from one that refuses', async () => {
  const { slug, save } = await tenantWith(forger.issuer);
  const { answer } = await comeBack(slug, () => undefined);
  expect([answer.status, answer.body['code']]).toEqual([503, 'oidc_unavailable']);
  await save({ slug, issuer: 'http://127.0.0.1:9', clientId: 'x', defaultRole: 'agent' });
  const away = await begin(stack.browser(), slug);
  expect([away.status, away.body['code']]).toEqual([503, 'oidc_unavailable']);
});

it('sends nobody to another site', async () => {
  const { slug } = await tenantWith(forger.issuer);
  for (const returnTo of ['https://evil.example/', '//evil.example/', '/\\evil.example', '/a\r\nb']) {
    const answer = await stack.browser().get(`/api/auth/oidc/${slug}/start?${new URLSearchParams({ returnTo })}`);
    expect(answer.status).toBe(400);
  }
});

it('keeps the client secret sealed and never gives it back', async () => {
  const { tenantId, browser, save, slug } = await tenantWith(forger.issuer);
  const read = await browser.get('/v1/admin/identity-provider');
  expect(read.body).toMatchObject({ slug, clientId: CLIENT.clientId, defaultRole: 'agent' });
  expect(JSON.stringify(read.body)).not.toContain(CLIENT.clientSecret);
  const { rows } = await stack.db.pool.query<{ client_secret: Buffer }[]>(
    'SELECT 1 AS visible FROM identity_providers WHERE tenant_id = $1',
    [tenantId],
  );
  expect(rows).toHaveLength(0);
  expect((await save({ slug, issuer: forger.issuer, clientId: 'other', defaultRole: 'viewer' })).status).toBe(200);

  const other = await tenantWith(forger.issuer);
  const taken = await other.save({ slug, issuer: forger.issuer, ...CLIENT, defaultRole: 'agent' });
  expect(taken.body['code']).toBe('conflict');
  const third = await stack.signIn(await stack.person());
  const without = await third.send('PUT', '/v1/admin/identity-provider', {
    body: { slug: newSlug(), issuer: forger.issuer, clientId: 'x', defaultRole: 'agent' },
  });
  expect(without.body).toMatchObject({ code: 'invalid_request', errors: [{ path: '/clientSecret' }] });
});
