import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RouteAccess } from '../../api/access/routeAccess.ts';
import { type Aim, aim, namesSomething, type Whose } from './access/aim.ts';
import type { Caller, CallerName } from './access/callers.ts';
import { type Answer, send } from './access/fixtures.ts';
import type { Operation } from './access/openApi.ts';
import { type AccessWorld, startWorld } from './access/startWorld.ts';

/** Open to everybody, each for a reason. A route that is not named here has to know who calls. */
const PUBLIC = [
  // Whoever watches the process, reads the documentation or embeds the widget.
  'GET /health',
  'GET /ready',
  'GET /widget.js',
  // Where a visitor's page begins; a challenge and the site's list of origins hold off others.
  'GET /v1/webchat/config',
  'POST /v1/webchat/init',
  'POST /v1/webchat/token',
  'POST /v1/conversations/start',
  // Its address is a token: whoever was given it may read the one file.
  'GET /v1/files/{*}',
  // The first frame of a socket brings a token.
  'GET /v1/ws',
  'GET /chat/ws/{conversationId}',
  // Where a person proves who they are: by a password, a code, or what came by e-mail.
  'POST /api/auth/sign-in',
  'POST /api/auth/sign-in/totp',
  'POST /api/auth/sign-in/recovery-code',
  'POST /api/auth/sign-out',
  'POST /api/auth/password/reset-request',
  'POST /api/auth/password/reset',
  'POST /api/auth/invitations/accept',
  'GET /api/auth/oidc/{provider}/start',
  'GET /api/auth/oidc/{provider}/callback',
];

/** Refusals by code; whoever is not named may. */
function refusalsOf(access: RouteAccess): Partial<Record<CallerName, string>> {
  if (access === 'visitor') {
    const people = { viewer: 'auth_required', agent: 'auth_required', admin: 'auth_required' };
    const tokens = { 'key without the scope': 'token_invalid', 'key with the scope': 'token_invalid' };
    const others = { 'platform admin': 'auth_required', 'service token': 'token_invalid' };
    return { anonymous: 'auth_required', ...people, ...tokens, ...others };
  }
  const unknown = { anonymous: 'auth_required', visitor: 'unauthenticated' };
  const programs = {
    'key without the scope': 'forbidden',
    'key with the scope': 'forbidden',
    'service token': 'forbidden',
  };
  if (typeof access !== 'object') throw new Error(`nobody has said here whom ${access} lets in`);
  if ('person' in access) return { ...unknown, ...programs };
  if ('platform' in access) {
    return { ...unknown, ...programs, viewer: 'forbidden', agent: 'forbidden', admin: 'forbidden' };
  }
  const keys = { ...unknown, 'key without the scope': 'forbidden' };
  if (access.role === 'viewer') return keys;
  return { ...keys, viewer: 'forbidden', ...(access.role === 'admin' ? { agent: 'forbidden' } : {}) };
}

/** What says that somebody was not let in, that there is nothing for them, or that the request was no good. */
const NOT_LET_IN = ['auth_required', 'unauthenticated', 'forbidden', 'token_invalid', 'tenant_suspended'];
const NOT_FOUND = ['not_found', 'conversation_not_found', 'method_not_allowed'];
const NOT_UNDERSTOOD = ['invalid_request', 'invalid_json', 'unsupported_media_type'];

describe('the access matrix', () => {
  let world: AccessWorld;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const guarded = () => world.operations.filter(({ access }) => access !== 'public');
  const ask = async (operation: Operation, asked: Aim) => send(world, asked.caller, await aim(world, operation, asked));

  /** What is wrong with the answers of one route to one caller. */
  async function faultsOf(operation: Operation, caller: Caller): Promise<string[]> {
    const { access = 'public' } = operation;
    const refusal = refusalsOf(access)[caller.name];
    const faults: string[] = [];
    const expectThat = (holds: boolean, whose: Whose, { status, body }: Answer, wanted: string) => {
      const got = `${status} ${JSON.stringify(body).slice(0, 300)}`;
      if (!holds) faults.push(`${operation.name}, ${caller.name}, ${whose}: wanted ${wanted}, got ${got}`);
    };
    const own = await ask(operation, { caller, whose: 'own', allowed: !refusal });
    expectThat(refusal ? own.body['code'] === refusal : isLetIn(own), 'own', own, refusal ?? 'to be let in');
    if (!namesSomething(operation)) return faults;

    const other = await ask(operation, { caller, whose: "another tenant's", allowed: false });
    const unknown = await ask(operation, { caller, whose: 'unknown', allowed: false });
    const isRefused = refusal ? unknown.body['code'] === refusal : unknown.status === 404;
    expectThat(isRefused, 'unknown', unknown, refusal ?? '404');
    const seesAll = !refusal && caller.name === 'platform admin' && !isOfTenant(access);
    expectThat(seesAll || isSame(other, unknown), "another tenant's", other, 'the same as for what is unknown');
    return faults;
  }

  it('has every route in it, and no open one that nobody has thought of', () => {
    expect(world.operations.filter(({ access }) => access === undefined)).toEqual([]);
    const open = world.operations.filter(({ access }) => access === 'public').map(({ name }) => name);
    expect(open.sort()).toEqual(PUBLIC.sort());
    expect(guarded().length).toBeGreaterThan(30);
  });

  it("lets in whom the route names, and says the same of what is unknown and what is another tenant's", async () => {
    const faults: string[] = [];
    for (const operation of guarded()) {
      const callers = await world.callersFor(operation);
      for (const caller of callers) faults.push(...(await faultsOf(operation, caller)));
    }
    expect(faults).toEqual([]);
  }, 300_000);

  it('lets nobody into a tenant by its name, and says the same of one that does not exist', async () => {
    const faults: string[] = [];
    for (const operation of guarded().filter(({ access }) => access && isOfTenant(access))) {
      const callers = await world.callersFor(operation);
      for (const caller of callers.filter(({ name }) => !refusalsOf(operation.access ?? 'public')[name])) {
        const target = await aim(world, operation, { caller, whose: 'unknown', allowed: false });
        const nobodys = await send(world, caller, { ...target, tenantId: randomUUID() });
        const others = await send(world, caller, { ...target, tenantId: world.other.tenantId });
        const isClosed = caller.name === 'platform admin' || isSame(nobodys, others);
        if (nobodys.body['code'] !== 'forbidden' || !isClosed) {
          faults.push(`${operation.name}, ${caller.name}: ${nobodys.status} and ${others.status}`);
        }
      }
    }
    expect(faults).toEqual([]);
  }, 60_000);
});

function isOfTenant(access: RouteAccess): boolean {
  return typeof access === 'object' && 'scope' in access;
}

function isLetIn({ status, body }: Answer): boolean {
  return status < 500 && ![...NOT_LET_IN, ...NOT_FOUND, ...NOT_UNDERSTOOD].includes(String(body['code']));
}

/** But for the id of the request. */
function isSame(one: Answer, other: Answer): boolean {
  const plain = ({ body, ...answer }: Answer) => JSON.stringify({ ...answer, body: { ...body, requestId: '' } });
  return plain(one) === plain(other);
}
