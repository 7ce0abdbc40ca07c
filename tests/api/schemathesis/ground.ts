import { v7 as uuidv7 } from 'uuid';
import { type Caller, signInAs } from '../access/callers.ts';
import { converse, deliver, send, type TestTenant } from '../access/fixtures.ts';
import type { AccessWorld } from '../access/startWorld.ts';
import { issueKey } from '../support/issueKey.ts';
import { ORIGIN } from '../support/stack.ts';
import { openConversation, readConfig } from '../support/visitor.ts';

const CONVERSATIONS = 6;
const DOOMED = 8;
/** Each opens one conversation. */
const CHALLENGES = 60;

/** A tenant of one run's own, with something of everything in it: what is done to it at random is done to no other run. */
export interface Ground {
  tenantId: string;
  /** Somebody who is signed in. */
  admin: Caller;
  /** A visitor's, with its token. */
  visitor: { conversationId: string; token: string };
  /** Values for the dictionaries of schemathesis.toml. */
  dictionaries: Record<string, readonly string[]>;
}

/** Makes a tenant, or furnishes one that there is. `issuer` is an OpenID provider that can be asked. */
export async function layGround(world: AccessWorld, issuer: string, given?: string): Promise<Ground> {
  const { stack, url } = world;
  const create = async (path: string, body: object, tenantId?: string): Promise<Record<string, unknown>> => {
    const { status, body: made } = await send(world, world.platformAdmin, { method: 'POST', path, body, tenantId });
    if (status !== 201) throw new Error(`POST ${path} answered ${status} ${JSON.stringify(made)}`);
    return made;
  };
  const newTenant = async () =>
    String((await create('/v1/admin/tenants', { slug: `t-${uuidv7()}`, name: 'Fuzzed' }))['id']);
  const tenantId = given ?? (await newTenant());
  const site = await create('/v1/admin/sites', { name: 'Shop', allowedOrigins: [ORIGIN] }, tenantId);
  const visited = { siteKey: String(site['key']), origin: ORIGIN };
  const tenant: Pick<TestTenant, 'site'> = { site: visited };
  const conversations = await times(CONVERSATIONS, () => converse(world, tenant));
  const visitor = await openConversation(url, visited);
  const asVisitor = { name: 'visitor', headers: { authorization: `Bearer ${visitor.token}`, origin: ORIGIN } } as const;
  const file = await send(world, asVisitor, { method: 'POST', path: '/v1/webchat/files' });
  const agent = await create('/v1/admin/ai-agents', { slug: 'ada', name: 'Ada' }, tenantId);
  const channel = await create('/v1/admin/channels', { type: 'web' }, tenantId);
  const provider = `p-${uuidv7()}`;
  const identityProvider = {
    slug: provider,
    issuer,
    clientId: 'parley',
    clientSecret: 'of the provider',
    defaultRole: 'viewer',
  };
  await send(world, world.platformAdmin, {
    method: 'PUT',
    path: '/v1/admin/identity-provider',
    body: identityProvider,
    tenantId,
  });
  const admin = await signInAs(stack, url, 'admin', tenantId);
  const opening = { method: 'POST', path: '/api/portal/chat/conversations', body: { agent: 'ada' } };
  const opened = await send(world, admin, opening);
  const agentId = String(agent['id']);
  const members = await times(3, () => memberOf(world, tenantId));
  const keys = await times(3, async () => (await issueKey(stack.db, tenantId, ['settings:read'])).id);

  return {
    tenantId,
    admin,
    visitor,
    dictionaries: {
      tenant: [tenantId],
      tenants: await times(2, newTenant),
      siteKeys: [visited.siteKey],
      sites: [String(site['id'])],
      challenges: await times(CHALLENGES, async () => (await readConfig(url, visited.siteKey, ORIGIN)).challenge),
      conversations: [...conversations, visitor.conversationId],
      doomed: await times(DOOMED, () => converse(world, tenant)),
      portalConversations: [String(opened.body['id'])],
      agents: ['ada', agentId],
      channels: [String(channel['id'])],
      files: [String(file.body['id'])],
      texts: ['Hello'],
      outboxKeys: await times(2, () => deliver(world, { tenantId, site: visited })),
      members: members.map(({ id }) => id),
      emails: members.map(({ email }) => email),
      keys,
      providers: [provider],
    },
  };
}

async function memberOf(world: AccessWorld, tenantId: string): Promise<{ id: string; email: string }> {
  const member = await signInAs(world.stack, world.url, 'viewer', tenantId);
  const { body } = await send(world, member, { method: 'GET', path: '/api/auth/me' });
  return body['user'] as { id: string; email: string };
}

async function times<Made>(count: number, make: () => Promise<Made>): Promise<Made[]> {
  const made: Made[] = [];
  for (let index = 0; index < count; index += 1) made.push(await make());
  return made;
}
