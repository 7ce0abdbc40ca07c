import { v7 as uuidv7 } from 'uuid';
import { DEFAULT_TENANT_ID } from '../../../contracts/workflowId.ts';
import { insertMembership } from '../../../db/queries/people/insertMembership.ts';
import { outbox } from '../../../db/schema/outbox.ts';
import { users } from '../../../db/schema/people/users.ts';
import { withTenant } from '../../../db/withTenant.ts';
import type { Stack } from '../support/stack.ts';
import { openConversation, request } from '../support/visitor.ts';
import type { Caller } from './callers.ts';
import type { Operation } from './openApi.ts';
import { type Given, sampleOf } from './sampleOf.ts';

export interface TestTenant {
  tenantId: string;
  site: { siteKey: string; origin: string };
  /** Somebody who belongs to it. */
  member: Caller;
}

/** What fixtures are made with. */
export interface World {
  stack: Stack;
  url: string;
  operations: Operation[];
  platformAdmin: Caller;
  /** What was made already, for requests that do nothing to it. */
  made: Map<string, Promise<unknown>>;
}

type Fixture<Made = string> = (world: World, tenant: TestTenant, caller: Caller) => Promise<Made>;

/**
 * How the thing is made that a path parameter names, by the path up to it. A collection that takes POST and answers with an id
 * needs no line here.
 */
const PATH_FIXTURES: Record<string, Fixture> = {
  '/v1/admin/conversations/{id}': converse,
  '/v1/conversations/{id}': ofVisitor,
  '/v1/webchat/files/{id}': upload,
  '/v1/admin/members/{id}': join,
  '/v1/admin/outbox/{key}': deliver,
  '/api/portal/chat/conversations/{id}': ofPortal,
};

/** The same for properties of bodies. */
const BODY_FIXTURES: Record<string, Fixture<unknown>> = {
  conversationId: converse,
  ids: async (world, tenant) => [await converse(world, tenant)],
  agent: (world, tenant) => create(world, world.platformAdmin, '/v1/admin/ai-agents', tenant),
};

/** What a body has to say that its schema does not. */
export const BODIES: Record<string, Given> = {
  // In any case of letters, so no list of words: `web` alone needs no account.
  'POST /v1/admin/channels': { type: 'web' },
  // The one scope that the issuing key has.
  'POST /v1/admin/api-keys': { scopes: ['keys:manage'] },
  // Nobody listens there, so an example comes to nothing at once.
  'POST /v1/admin/webhooks': { url: 'http://127.0.0.1:9/' },
  // May be left out where there is one already.
  'PUT /v1/admin/identity-provider': { clientSecret: 'a secret of the provider' },
};

/** Routes that take a form. */
const FORMS: Record<string, () => FormData> = {
  'POST /v1/webchat/files': () => {
    const form = new FormData();
    form.append('id', uuidv7());
    form.append('file', new Blob(['Hello']), 'hello.txt');
    return form;
  },
};

export interface Target {
  method: string;
  path: string;
  body?: unknown;
  /** For the header parley-tenant. */
  tenantId?: string | undefined;
}

export interface Answer {
  status: number;
  type: string;
  body: Record<string, unknown>;
}

export async function send({ url }: { url: string }, caller: Caller, target: Target): Promise<Answer> {
  const { method, path, body, tenantId } = target;
  const headers = new Headers(caller.headers);
  if (tenantId) headers.set('parley-tenant', tenantId);
  if (body !== undefined) headers.set('content-type', 'application/json');
  const form = FORMS[`${method} ${path}`]?.();
  const answer = await fetch(`${url}${path}`, { method, headers, body: form ?? JSON.stringify(body) });
  const type = answer.headers.get('content-type') ?? '';
  const text = await answer.text();
  const isJson = /^application\/(problem\+)?json/.test(type);
  return { status: answer.status, type, body: isJson ? JSON.parse(text) : {} };
}

/** Makes what the route's path names, in the tenant. Throws, saying what to add, for a parameter that nobody can make. */
export async function pathFixture(world: World, path: string, tenant: TestTenant, caller: Caller): Promise<string> {
  const known = PATH_FIXTURES[path];
  if (known) return known(world, tenant, caller);
  const collection = path.slice(0, path.lastIndexOf('/'));
  return create(world, world.platformAdmin, collection, tenant);
}

/** What the route's body names, in the tenant. */
export async function bodyFixtures(
  world: World,
  operation: Operation,
  tenant: TestTenant,
  caller: Caller,
): Promise<Given> {
  const made: Record<string, unknown> = {};
  for (const name of referencesIn(operation)) made[name] = await BODY_FIXTURES[name]?.(world, tenant, caller);
  return made;
}

/** The properties of the route's body that name something. */
export function referencesIn({ body }: Operation): string[] {
  const text = JSON.stringify(body ?? {});
  return Object.keys(BODY_FIXTURES).filter((name) => text.includes(`"${name}":`));
}

/** POSTs to the collection with the least that it takes, and gives the new thing's id. */
async function create(world: World, caller: Caller, collection: string, tenant: TestTenant): Promise<string> {
  const creation = world.operations.find(({ name }) => name === `POST ${collection}`);
  const named = creation && (await bodyFixtures(world, creation, tenant, caller));
  const body = creation?.body && sampleOf(creation.body, { ...BODIES[creation.name], ...named });
  const { tenantId } = tenant;
  const made = creation && (await send(world, caller, { method: 'POST', path: collection, body, tenantId }));
  const id = made?.body['id'];
  if (typeof id === 'string') return id;
  const answer = made ? `answered ${made.status} ${JSON.stringify(made.body)}` : 'does not exist';
  throw new Error(
    `POST ${collection} ${answer}. Add how ${collection}/{…} is made to PATH_FIXTURES in tests/api/access/fixtures.ts.`,
  );
}

/** A conversation with a message, so that its workflow runs. */
export async function converse({ url }: { url: string }, { site }: Pick<TestTenant, 'site'>): Promise<string> {
  const { conversationId, token } = await openConversation(url, site);
  const body = { clientMessageId: uuidv7(), text: 'Hello' };
  const { status } = await request(`${url}/v1/webchat/message`, { origin: site.origin, token, body });
  if (status !== 202) throw new Error(`a message was answered ${status}`);
  return conversationId;
}

/** A visitor's token is for one conversation, which is the only one of theirs. */
async function ofVisitor(world: World, tenant: TestTenant, { conversationId }: Caller): Promise<string> {
  const isTheirs = conversationId !== undefined && tenant.tenantId === DEFAULT_TENANT_ID;
  return isTheirs ? conversationId : converse(world, tenant);
}

/** A file of the visitor's own conversation, or of another one's. */
async function upload(world: World, tenant: TestTenant, caller: Caller): Promise<string> {
  const isTheirs = caller.conversationId !== undefined && tenant.tenantId === DEFAULT_TENANT_ID;
  const { token } = isTheirs ? { token: '' } : await openConversation(world.url, tenant.site);
  const headers: Record<string, string> = isTheirs ? caller.headers : { authorization: `Bearer ${token}` };
  const kept = await send(world, { ...caller, headers }, { method: 'POST', path: '/v1/webchat/files' });
  const { id } = kept.body;
  if (typeof id !== 'string') throw new Error(`an upload was answered ${kept.status} ${JSON.stringify(kept.body)}`);
  return id;
}

/** A person's own, or where the caller is none of the tenant's people, a member's. */
async function ofPortal(world: World, tenant: TestTenant, caller: Caller): Promise<string> {
  const isTheirs = caller.headers['cookie'] !== undefined && tenant.tenantId === DEFAULT_TENANT_ID;
  const agent = await create(world, world.platformAdmin, '/v1/admin/ai-agents', tenant);
  const opened = await send(world, isTheirs ? caller : tenant.member, {
    method: 'POST',
    path: '/api/portal/chat/conversations',
    body: { agent, tenantId: tenant.tenantId },
  });
  const { id } = opened.body;
  if (typeof id !== 'string') throw new Error(`the portal answered ${opened.status} ${JSON.stringify(opened.body)}`);
  return id;
}

/** A row that failed can be retried; one that is parked can be retried and skipped. */
export async function deliver(world: World, tenant: Pick<TestTenant, 'tenantId' | 'site'>): Promise<string> {
  const conversationId = await converse(world, tenant);
  const { db } = world.stack;
  const key = uuidv7();
  const row = { key, conversationId, priority: 1, kind: 'close_topic', state: 'parked' } as const;
  // The conversation's row is its workflow's to write.
  for (let tries = 0; tries < 100; tries += 1) {
    const known = await withTenant(db, tenant.tenantId, (tx) =>
      tx
        .insert(outbox)
        .values({ ...row, tenantId: tenant.tenantId })
        .then(
          () => true,
          () => false,
        ),
    ).catch(() => false);
    if (known) return key;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The conversation was not recorded');
}

async function join({ stack: { db } }: World, { tenantId }: TestTenant): Promise<string> {
  const userId = uuidv7();
  await withTenant(db, tenantId, async (tx) => {
    await tx.insert(users).values({ id: userId, name: 'Kim', email: `${userId}@people.example` });
    await insertMembership(tx, { tenantId, userId, role: 'viewer' });
  });
  return userId;
}
