import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RouteAccess } from '../../api/access/routeAccess.ts';
import { scopeSchema } from '../../contracts/access.ts';
import { type Caller, PASSWORD, signInAs } from './access/callers.ts';
import { send } from './access/fixtures.ts';
import { type AccessWorld, startWorld } from './access/startWorld.ts';
import { type OidcProvider, startOidcProvider } from './people/support/startOidcProvider.ts';
import { type Ground, layGround } from './schemathesis/ground.ts';
import { installSchemathesis } from './schemathesis/installSchemathesis.ts';
import { type RunOptions, type RunReport, runSchemathesis } from './schemathesis/runSchemathesis.ts';
import { issueKey } from './support/issueKey.ts';
import { ORIGIN, SERVICE_TOKEN } from './support/stack.ts';

const LEAST_CASES = 5_000;
const RUN_WITHIN_MS = 300_000;

/** They end the session that they are called with, so each is asked by a person who does nothing else. */
const ENDS_SESSION = [
  'POST /api/auth/sign-in',
  'POST /api/auth/sign-out',
  'POST /api/auth/password',
  'POST /api/auth/totp/disable',
];
/**
 * They may take from a caller what it is let in by, or from the rest of its run what that is about. A platform admin does not
 * depend on it, and asks them after everyone else.
 */
const TAKES_AWAY = [
  'DELETE /v1/admin/api-keys/{id}',
  'PATCH /v1/admin/members/{id}',
  'DELETE /v1/admin/members/{id}',
  'POST /v1/admin/conversations/bulk-delete',
  'POST /v1/admin/tenants/{id}/suspend',
  'PUT /v1/admin/identity-provider',
];
/** Once identity providers have been made up, some answer that theirs cannot be asked: 503, and rightly. */
const ASKS_PROVIDERS = ['GET /api/auth/oidc/{provider}/start', 'GET /api/auth/oidc/{provider}/callback'];

/** No random request succeeds here, each for a reason. */
const NEVER_DONE = [
  // Whoever asks for no upgrade is told to.
  'GET /v1/ws',
  'GET /chat/ws/{conversationId}',
  // Signed, for ten minutes.
  'GET /v1/files/{*}',
  // A conversation that is closed; what else a visitor does opens it.
  'POST /v1/webchat/rating',
  // A bot that Telegram knows.
  'POST /v1/admin/channels/telegram',
  // Nothing was built.
  'GET /widget.js',
  // A secret that came by e-mail, from an app, on paper, or from another server.
  'POST /api/auth/invitations/accept',
  'POST /api/auth/password/reset',
  'POST /api/auth/sign-in/totp',
  'POST /api/auth/sign-in/recovery-code',
  'POST /api/auth/totp/verify',
  'POST /api/auth/totp/recovery-codes',
  'GET /api/auth/oidc/{provider}/callback',
];

describe('the API as its OpenAPI document describes it, by schemathesis', { timeout: RUN_WITHIN_MS }, () => {
  let schemathesis: string[];
  let world: AccessWorld;
  let provider: OidcProvider;
  const reports: RunReport[] = [];

  beforeAll(async () => {
    schemathesis = await installSchemathesis();
    world = await startWorld();
    provider = await startOidcProvider({ redirectUri: `${world.url}/api/auth/oidc/any/callback` });
  }, 600_000);
  afterAll(async () => {
    await provider?.stop();
    await world?.stop();
  });

  /** The routes with an access of one of these kinds, but for some. */
  function routes(kinds: string[], except: string[] = []): string[] {
    const isMeant = ({ name, access = 'public' }: { name: string; access?: RouteAccess | undefined }) =>
      kinds.includes(kindOf(access)) && !except.includes(name);
    return world.operations.filter(isMeant).map(({ name }) => name);
  }

  async function run(
    { dictionaries }: Ground,
    options: Pick<RunOptions, 'operations'> & Partial<Pick<RunOptions, 'credentials' | 'headers'>>,
  ): Promise<void> {
    const variables = { PARLEY_TEST_PASSWORD: PASSWORD };
    const whole = { url: world.url, credentials: {}, headers: {}, dictionaries, variables, ...options };
    const report = await runSchemathesis(schemathesis, whole);
    reports.push(report);
    const { thorough, brief } = options.operations;
    if (!report.clean) throw new Error(report.output);
    expect(report.tested).toBe(thorough.length + brief.length);
  }

  /** Whoever asked can still ask: what went before was no long row of 401. */
  async function expectStillIn(caller: Caller, path: string): Promise<void> {
    expect(await send(world, caller, { method: 'GET', path })).toMatchObject({ status: 200 });
  }

  const lay = (tenantId?: string) => layGround(world, provider.issuer, tenantId);

  it('says to nobody what it is documented to say', async () => {
    const operations = { thorough: routes(['public']), brief: routes(['visitor', 'tenant', 'person', 'platform']) };
    await run(await lay(), { operations, headers: { origin: ORIGIN } });
  });

  it('says so to a visitor', async () => {
    const ground = await lay();
    const { conversationId, token } = ground.visitor;
    const operations = { thorough: routes(['visitor']), brief: routes(['public', 'tenant', 'person', 'platform']) };
    const dictionaries = { ...ground.dictionaries, conversations: [conversationId] };
    const credentials = { conversationToken: token };
    await run({ ...ground, dictionaries }, { operations, credentials, headers: { origin: ORIGIN } });
    const headers = { authorization: `Bearer ${token}`, origin: ORIGIN };
    await expectStillIn({ name: 'visitor', headers }, `/v1/conversations/${conversationId}/messages`);
  });

  it('says so to a key of a tenant', async () => {
    const ground = await lay();
    const { key } = await issueKey(world.stack.db, ground.tenantId, [...scopeSchema.options]);
    const operations = {
      thorough: routes(['tenant'], TAKES_AWAY),
      brief: routes(['public', 'visitor', 'person', 'platform'], TAKES_AWAY),
    };
    await run(ground, { operations, credentials: { apiKey: key } });
    await expectStillIn({ name: 'key with the scope', headers: { authorization: `Bearer ${key}` } }, '/v1/admin/sites');
  });

  it('says so to the service token', async () => {
    const operations = {
      thorough: [],
      brief: routes(['public', 'visitor', 'tenant', 'person', 'platform'], TAKES_AWAY),
    };
    await run(await lay(world.own.tenantId), { operations, credentials: { serviceToken: SERVICE_TOKEN } });
    const headers = { authorization: `Bearer ${SERVICE_TOKEN}` };
    await expectStillIn({ name: 'service token', headers }, '/v1/admin/sites');
  });

  it('says so to the admin of a tenant', async () => {
    const ground = await lay();
    const operations = {
      thorough: routes(['person'], ENDS_SESSION),
      brief: routes(['public', 'visitor', 'tenant', 'platform'], [...TAKES_AWAY, ...ENDS_SESSION]),
    };
    await run(ground, { operations, ...asPerson(ground.admin) });
    await expectStillIn(ground.admin, '/api/auth/me');
  });

  it('says so to whoever ends their own session', async () => {
    const ground = await lay();
    for (const name of ENDS_SESSION) {
      const person = await signInAs(world.stack, world.url, 'viewer', ground.tenantId);
      await run(ground, { operations: { thorough: [name], brief: [] }, ...asPerson(person) });
    }
    // Whom no wrong password from the edges of the schema has locked out.
    const other = await signInAs(world.stack, world.url, 'viewer', ground.tenantId);
    await run(ground, { operations: { thorough: [], brief: ['POST /api/auth/password'] }, ...asPerson(other) });
  });

  it('says so to a platform admin, who takes away what the others needed', async () => {
    const ground = await lay();
    const platformAdmin = await signInAs(world.stack, world.url, 'platform admin', ground.tenantId);
    const except = [...TAKES_AWAY, ...ENDS_SESSION, ...ASKS_PROVIDERS];
    const operations = {
      thorough: [...routes(['platform'], TAKES_AWAY), ...TAKES_AWAY],
      brief: routes(['public', 'visitor', 'tenant', 'person'], except),
    };
    const { credentials, headers } = asPerson(platformAdmin);
    await run(ground, { operations, credentials, headers: { ...headers, 'parley-tenant': ground.tenantId } });
    await expectStillIn(platformAdmin, '/v1/admin/tenants');
  });

  it('was asked often enough, and every route was reached by somebody and closed to somebody', () => {
    expect(reports.reduce((sum, { cases }) => sum + cases, 0)).toBeGreaterThanOrEqual(LEAST_CASES);
    const answered = (name: string, isMeant: (status: number) => boolean) =>
      reports.some(({ statuses }) => [...(statuses.get(name) ?? [])].some(isMeant));
    const names = world.operations.map(({ name }) => name);
    const notDone = names.filter((name) => !answered(name, (status) => status < 400));
    expect(notDone.sort()).toEqual(NEVER_DONE.sort());
    const guarded = routes(['visitor', 'tenant', 'person', 'platform']);
    expect(guarded.filter((name) => !answered(name, (status) => status === 401 || status === 403))).toEqual([]);
  });
});

function kindOf(access: RouteAccess): 'public' | 'visitor' | 'metrics' | 'tenant' | 'person' | 'platform' {
  if (typeof access === 'string') return access;
  if ('scope' in access) return 'tenant';
  return 'person' in access ? 'person' : 'platform';
}

/** As a page of the installation would ask for whoever is signed in. */
function asPerson({ headers: { cookie = '', origin = '' } }: Caller): Pick<RunOptions, 'credentials' | 'headers'> {
  return { credentials: { personSession: cookie.slice(cookie.indexOf('=') + 1) }, headers: { origin } };
}
