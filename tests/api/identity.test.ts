import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eq } from 'drizzle-orm';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import { flowDefinitionSchema } from '../../contracts/flow.ts';
import type { SiteIdentity } from '../../contracts/site.ts';
import type { InitRequest } from '../../contracts/webchat.ts';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { getSession } from '../../db/queries/getSession.ts';
import { sites } from '../../db/schema/sites.ts';
import { seedDefaults } from '../../db/seedDefaults.ts';
import { withTenant } from '../../db/withTenant.ts';
import { openKeys } from '../../runtime/openKeys.ts';
import { type Stack, startStack } from './support/stack.ts';
import { freshToken, openConversation, readConfig, request, VisitorClient } from './support/visitor.ts';

type SignKey = Parameters<SignJWT['sign']>[0];

const FLOW = flowDefinitionSchema.parse({
  language: 1,
  name: 'Greeting',
  triggers: [{ on: 'first_message', start: 'hello' }],
  steps: { hello: { type: 'message', text: 'Hello!' } },
});

const SHARED_SECRET = 'the-secret-that-the-shop-and-we-share';

describe('visitors whom the site knows', () => {
  let stack: Stack;
  let api: RunningApi;
  let otherApi: RunningApi;
  let optional: Site;
  let required: Site;

  interface Site {
    siteKey: string;
    origin: string;
  }

  beforeAll(async () => {
    stack = await startStack();
    [api, otherApi] = await Promise.all([stack.startApi(), stack.startApi()]);
    optional = await createSite({ mode: 'secret', required: false });
    required = await createSite({ mode: 'secret', required: true });
  });
  afterAll(() => stack.stop());

  async function createSite(identity: SiteIdentity): Promise<Site> {
    const id = randomUUID();
    const site = { siteKey: `known-${id}`, origin: `https://${id}.example` };
    await seedDefaults(stack.env.DATABASE_URL, {
      siteKey: site.siteKey,
      allowedOrigins: [site.origin],
      flowDefinition: FLOW,
      documents: [],
    });
    const { secrets } = openKeys(stack.env, stack.db);
    const identitySecret = await secrets.seal(DEFAULT_TENANT_ID, SHARED_SECRET);
    await withTenant(stack.db, DEFAULT_TENANT_ID, (tx) =>
      tx.update(sites).set({ identity, identitySecret }).where(eq(sites.key, site.siteKey)),
    );
    return site;
  }

  function sign(
    site: Site,
    claims: JWTPayload,
    { alg = 'HS256', kid, key = Buffer.from(SHARED_SECRET) }: { alg?: string; kid?: string; key?: SignKey } = {},
  ): Promise<string> {
    const defaults = { aud: site.siteKey, exp: Math.floor(Date.now() / 1_000) + 600 };
    return new SignJWT({ ...defaults, ...claims }).setProtectedHeader({ alg, kid }).sign(key);
  }

  const init = (site: Site, more: Partial<InitRequest>, url = api.url) => openConversation(url, site, more);
  const refusal = (site: Site, more: Partial<InitRequest>) =>
    init(site, more).then(
      () => 'let in',
      (error: unknown) => String(error).replace(/.* /, ''),
    );
  const sessionOf = (conversationId: string) => getSession(stack.db, { tenantId: DEFAULT_TENANT_ID, conversationId });

  it('a verified user has one conversation, on every device and when two come at once', async () => {
    const identity = await sign(optional, { sub: 'customer-1', name: 'Kim', traits: { plan: 'pro' } });
    const devices = await Promise.all(
      Array.from({ length: 8 }, (_, index) => init(optional, { identity }, index % 2 ? api.url : otherApi.url)),
    );
    expect(new Set(devices.map(({ conversationId }) => conversationId)).size).toBe(1);
    const later = await init(optional, { identity: await sign(optional, { sub: 'customer-1' }) });
    expect(later.conversationId).toBe(devices[0]?.conversationId);
    const other = await init(optional, { identity: await sign(optional, { sub: 'customer-2' }) });
    expect(other.conversationId).not.toBe(later.conversationId);
    expect(await sessionOf(later.conversationId)).toMatchObject({
      verifiedUserId: 'customer-1',
      visitorName: 'Kim',
      traits: { plan: 'pro' },
      traitsVerified: true,
    });
  });

  it('a stranger who signs in keeps the conversation; from then on its id alone leads nobody there', async () => {
    const externalSessionId = `cart-${randomUUID()}`;
    const stranger = await init(optional, { externalSessionId });
    const identity = await sign(optional, { sub: 'customer-3' });
    const known = await init(optional, { identity, conversationId: stranger.conversationId });
    expect(known.conversationId).toBe(stranger.conversationId);
    for (const claim of [{ conversationId: known.conversationId }, { externalSessionId }]) {
      expect((await init(optional, claim)).conversationId).not.toBe(known.conversationId);
    }
    // Nor does what the stranger was given, which would be worth another one again and again.
    const { conversationId } = known;
    const read = async ({ token }: { token: string }) =>
      (await request(`${api.url}/v1/conversations/${conversationId}/messages`, { token })).body['code'];
    expect([await read(stranger), await read(known)]).toEqual(['token_invalid', undefined]);
    const { challenge } = await readConfig(api.url, optional.siteKey, optional.origin);
    const renewal = await request(`${api.url}/v1/webchat/token`, {
      origin: optional.origin,
      token: stranger.token,
      body: { siteKey: optional.siteKey, challenge, conversationId },
    });
    expect(renewal.body['code']).toBe('identity_required');
    const visitor = await VisitorClient.connect(api.url, optional.origin);
    visitor.send({ type: 'auth', token: stranger.token });
    expect((await visitor.error('token_invalid')).type).toBe('error');
    // Nor does it lead another verified user there.
    const otherIdentity = await sign(optional, { sub: 'customer-4' });
    const other = await init(optional, { identity: otherIdentity, conversationId: known.conversationId });
    expect(other.conversationId).not.toBe(known.conversationId);
  });

  it('a fresh token for a verified user takes the identity or the last token', async () => {
    const identity = await sign(optional, { sub: 'customer-5' });
    const { conversationId, token } = await init(optional, { identity });
    const ask = async (more: { token?: string; identity?: string }) => {
      const { challenge } = await readConfig(api.url, optional.siteKey, optional.origin);
      const body = { siteKey: optional.siteKey, challenge, conversationId, identity: more.identity };
      const answer = await request(`${api.url}/v1/webchat/token`, { origin: optional.origin, token: more.token, body });
      return answer.body['code'] ?? answer.status;
    };
    expect(await ask({})).toBe('identity_required');
    expect(await ask({ token })).toBe(200);
    expect(await ask({ identity })).toBe(200);
    expect(await ask({ token: 'nonsense' })).toBe('token_invalid');
    const others = await init(optional, { identity: await sign(optional, { sub: 'customer-6' }) });
    expect(await ask({ token: others.token })).toBe('identity_required');
    expect(await ask({ identity: await sign(optional, { sub: 'customer-6' }) })).toBe('conversation_not_found');
  });

  it('keeps what nobody signed as unverified, and never in the place of what was signed', async () => {
    const stranger = await init(optional, { traits: { plan: 'free' } });
    expect(await sessionOf(stranger.conversationId)).toMatchObject({ traits: { plan: 'free' }, traitsVerified: false });
    const signed = await sign(optional, { sub: 'customer-7', traits: { plan: 'pro' } });
    const known = await init(optional, { identity: signed, traits: { plan: 'gold' } });
    await init(optional, { identity: await sign(optional, { sub: 'customer-7' }), traits: { plan: 'gold' } });
    expect(await sessionOf(known.conversationId)).toMatchObject({ traits: { plan: 'pro' }, traitsVerified: true });
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`trait${index}`, 1]));
    expect(await refusal(optional, { traits: many })).toBe('invalid_request');
    expect(await refusal(optional, { traits: { deep: { a: 1 } as never } })).toBe('invalid_request');
  });

  it('a site that must know of everyone takes no stranger, whatever ids it brings', async () => {
    const identity = await sign(required, { sub: 'customer-1' });
    const { conversationId } = await init(required, { identity });
    expect(await refusal(required, {})).toBe('identity_required');
    expect(await refusal(required, { conversationId })).toBe('identity_required');
    expect(await refusal(required, { externalSessionId: 'customer-1' })).toBe('identity_required');
    await expect(freshToken(api.url, required, conversationId)).rejects.toThrow('identity_required');
  });

  it('refuses every wrong identity', async () => {
    const soon = Math.floor(Date.now() / 1_000);
    const sub = 'customer-9';
    const [header, , signature] = (await sign(optional, { sub })).split('.');
    const claims = Buffer.from(JSON.stringify({ sub: 'admin', aud: optional.siteKey, exp: soon + 60 }));
    const wrong: Record<string, string> = {
      'no token': 'nonsense',
      'alg none': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims.toString('base64url')}.`,
      'changed claims': `${header}.${claims.toString('base64url')}.${signature}`,
      'another secret': await sign(optional, { sub }, { key: Buffer.from('another secret, long enough to be one') }),
      'another algorithm': await sign(optional, { sub }, { alg: 'HS512' }),
      'our own secret': await sign(optional, { sub }, { key: Buffer.from(stack.env.CONVERSATION_JWT_SECRET) }),
      'another site': await sign(required, { sub }),
      'no audience': await sign(optional, { sub, aud: undefined }),
      'no user': await sign(optional, {}),
      'an empty user': await sign(optional, { sub: '' }),
      'no end': await sign(optional, { sub, exp: undefined }),
      'an end too far away': await sign(optional, { sub, exp: soon + 2 * 3_600 }),
      'not valid yet': await sign(optional, { sub, nbf: soon + 600 }),
      'traits of another shape': await sign(optional, { sub, traits: { deep: { a: 1 } } }),
    };
    for (const [how, identity] of Object.entries(wrong)) {
      expect({ how, code: await refusal(optional, { identity }) }).toEqual({ how, code: 'identity_invalid' });
    }
    expect(await refusal(optional, { identity: await sign(optional, { sub, exp: soon - 60 }) })).toBe(
      'identity_expired',
    );
    const unset = await refusal(stack.site, { identity: await sign(stack.site, { sub }) });
    expect(unset).toBe('identity_invalid');
  });

  describe('by published keys', () => {
    let server: Server;
    let site: Site;
    let answer: { status: number; body: string };
    let asked = 0;
    const keys = { alg: 'ES256', kid: 'first' };
    let privateKey: SignKey;

    beforeAll(async () => {
      const pair = await generateKeyPair(keys.alg);
      privateKey = pair.privateKey;
      const jwk = { ...(await exportJWK(pair.publicKey)), ...keys };
      answer = { status: 200, body: JSON.stringify({ keys: [jwk] }) };
      server = createServer((_request, response) => {
        asked += 1;
        response.writeHead(answer.status).end(answer.body);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      site = await createSite({ mode: 'jwks', jwksUrl: addressOf(server), audience: 'parley', required: false });
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));

    const signed = (claims: JWTPayload, options: { kid?: string; alg?: string; key?: SignKey } = {}) =>
      sign(site, { aud: 'parley', ...claims }, { ...keys, key: privateKey, ...options });

    it('asks for them once, and lets in whom they vouch for', async () => {
      const first = await init(site, { identity: await signed({ sub: 'customer-1' }) });
      const again = await init(site, { identity: await signed({ sub: 'customer-1' }) });
      expect(again.conversationId).toBe(first.conversationId);
      expect(asked).toBe(1);
    });

    it('takes neither another key nor the public key as a secret, and asks no more often for an unknown one', async () => {
      const { privateKey: stranger } = await generateKeyPair(keys.alg);
      expect(await refusal(site, { identity: await signed({ sub: 'x' }, { key: stranger }) })).toBe('identity_invalid');
      const asSecret = await signed({ sub: 'x' }, { alg: 'HS256', key: Buffer.from(answer.body) });
      expect(await refusal(site, { identity: asSecret })).toBe('identity_invalid');
      const shared = await signed({ sub: 'x' }, { alg: 'HS256', key: Buffer.from(SHARED_SECRET) });
      expect(await refusal(site, { identity: shared })).toBe('identity_invalid');
      for (let count = 0; count < 5; count += 1) {
        const identity = await signed({ sub: 'x' }, { kid: `unknown-${count}` });
        expect(await refusal(site, { identity })).toBe('identity_invalid');
      }
      expect(asked).toBe(1);
    });

    it('says that it cannot tell while the keys cannot be had', async () => {
      const silent = await createSite({ mode: 'jwks', jwksUrl: addressOf(server), required: false });
      for (const broken of [
        { status: 500, body: '' },
        { status: 302, body: answer.body },
        { status: 200, body: 'no JSON' },
        { status: 200, body: 'x'.repeat(300_000) },
      ]) {
        answer = broken;
        const fresh = await stack.startApi();
        const identity = await sign(silent, { sub: 'x' }, { ...keys, key: privateKey });
        await expect(openConversation(fresh.url, silent, { identity })).rejects.toThrow('503 identity_unavailable');
        await fresh.close();
      }
    });

    it('asks nobody in its own network in production', async () => {
      const before = asked;
      const production = await stack.startApi({ NODE_ENV: 'production' });
      const identity = await signed({ sub: 'customer-1' });
      await expect(openConversation(production.url, site, { identity })).rejects.toThrow('503 identity_unavailable');
      expect(asked).toBe(before);
    });
  });
});

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
}
