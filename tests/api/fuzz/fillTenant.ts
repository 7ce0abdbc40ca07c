import { v7 as uuidv7 } from 'uuid';
import { type FlowDefinition, flowDefinitionSchema } from '../../../contracts/flow.ts';
import { insertErasure } from '../../../db/queries/erasures/insertErasure.ts';
import { saveIdentityProvider } from '../../../db/queries/identityProviders/saveIdentityProvider.ts';
import { insertMembership } from '../../../db/queries/people/insertMembership.ts';
import { files } from '../../../db/schema/files.ts';
import { flows } from '../../../db/schema/flows.ts';
import { flowVersions } from '../../../db/schema/flowVersions.ts';
import { groupNotices } from '../../../db/schema/groupNotices.ts';
import { knowledgeDocuments } from '../../../db/schema/knowledgeDocuments.ts';
import { outbox } from '../../../db/schema/outbox.ts';
import { users } from '../../../db/schema/people/users.ts';
import { webhookEndpoints } from '../../../db/schema/webhookEndpoints.ts';
import { withTenant } from '../../../db/withTenant.ts';
import { openKeys } from '../../../runtime/openKeys.ts';
import { until } from '../../workflow/until.ts';
import { type Caller, signInAs } from '../access/callers.ts';
import { send } from '../access/fixtures.ts';
import { fillVisitor } from '../support/fillVisitor.ts';
import type { Stack } from '../support/stack.ts';
import { freshToken, openConversation, readConfig, request } from '../support/visitor.ts';
import type { Mint } from './marks.ts';

/** A tenant of the fuzz, with somebody in it who signs in. */
export interface FuzzTenant {
  tenantId: string;
  /** The web origin of its sites' pages. */
  origin: string;
  mint: Mint;
  member: Caller;
}

/** By what kind of thing it names: what somebody from outside could have come to know. Ids and keys, never a canary of people's. */
export interface Known {
  tenantId: string;
  siteId: string;
  siteKey: string;
  connectionId: string;
  agentId: string;
  agentSlug: string;
  keyId: string;
  invitationId: string;
  userId: string;
  email: string;
  flowId: string;
  erasureId: string;
  providerSlug: string;
  auditId: string;
  conversationId: string;
  externalSessionId: string;
  verifiedUserId: string;
  messageId: string;
  clientMessageId: string;
  portalConversationId: string;
  endpointId: string;
  outboxKey: string;
  fileId: string;
  challenge: string;
  token: string;
  portalToken: string;
}

export interface Filling {
  known: Known;
  /** As Temporal keeps what was said in the tenant. */
  sealed: unknown;
}

interface Tools {
  stack: Stack;
  url: string;
  platformAdmin: Caller;
}

/** Gives the tenant things of every kind, most of them through the API, with a canary in whatever people wrote. */
export async function fillTenant(tools: Tools, tenant: FuzzTenant): Promise<Filling> {
  const { url, platformAdmin } = tools;
  const { tenantId, origin, member } = tenant;
  const word = () => tenant.mint.word();
  const ask = async (method: string, path: string, body?: unknown, caller = platformAdmin) => {
    const answer = await send({ url }, caller, { method, path, body, tenantId });
    if (answer.status >= 300)
      throw new Error(`${method} ${path} answered ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const make = async (collection: string, body: unknown) => String((await ask('POST', collection, body))['id']);

  const look = { title: word(), welcome: word() };
  const site = await ask('POST', '/v1/admin/sites', {
    ...{ name: word(), allowedOrigins: [origin], look, identity: { mode: 'secret', audience: word() } },
    identitySecret: word() + word(),
  });
  const [siteId, siteKey] = [String(site['id']), String(site['key'])];
  const settings = { allowedOrigins: [`https://${word()}.example`] };
  await ask('PUT', '/v1/admin/settings/staging', { settings });
  const connectionId = await make('/v1/admin/channels', {
    ...{ type: 'facebook', channelId: word(), settings: { note: word() }, secrets: { token: word() } },
  });
  const agentSlug = `agent-${uuidv7()}`;
  const agentId = await make('/v1/admin/ai-agents', {
    ...{ slug: agentSlug, name: word(), instructions: word(), greeting: word() },
  });
  const keyId = await make('/v1/admin/api-keys', { name: word(), scopes: ['settings:read'] });
  const invitationId = await make('/v1/admin/invitations', { email: `${word()}@people.example`, role: 'viewer' });
  const { userId, email } = await join(tools, tenant);
  const rows = await insertRows(tools, tenant, siteId);

  const visitor = { siteKey, origin };
  const externalSessionId = uuidv7();
  const { conversationId, token } = await openConversation(url, visitor, {
    ...{
      externalSessionId,
      visitorName: word(),
      traits: { plan: word() },
      source: { url: `https://shop.example/${word()}` },
    },
  });
  const clientMessageId = uuidv7();
  await request(`${url}/v1/webchat/message`, { origin, token, body: { clientMessageId, text: word() } });
  const agent = { id: userId, name: word() };
  await until(async () => {
    const claim = {
      method: 'POST',
      path: `/v1/admin/conversations/${conversationId}/claim`,
      body: { agent },
      tenantId,
    };
    return (await send({ url }, platformAdmin, claim)).status === 200;
  }, 'a conversation that is claimed');
  await ask('POST', `/v1/admin/conversations/${conversationId}/rename`, { agent, title: word() });
  await ask('POST', `/v1/admin/conversations/${conversationId}/note`, { agent, text: word() });
  const history = await request(`${url}/v1/conversations/${conversationId}/messages`, { origin, token });
  const [message] = history.body['messages'] as { id: string }[];

  const portal = await ask('POST', PORTAL, { agent: agentSlug }, member);
  const portalConversationId = String(portal['id']);
  const said = { clientMessageId: uuidv7(), text: word() };
  await ask('POST', `${PORTAL}/${portalConversationId}/messages`, said, member);
  await until(async () => {
    const { body } = await send({ url }, member, { method: 'GET', path: `${PORTAL}/${portalConversationId}` });
    return Number(body['lastSeq']) > 0;
  }, 'a message in the portal');
  const portalToken = await ask('POST', `${PORTAL}/${portalConversationId}/token`, undefined, member);
  const audit = await ask('GET', '/v1/admin/audit?limit=1');
  const data = Buffer.from(word()).toString('base64');
  const sealed = await ask('POST', '/v1/admin/codec/encode', { payloads: [{ metadata: {}, data }] });

  const known = {
    ...{
      tenantId,
      siteId,
      siteKey,
      connectionId,
      agentId,
      agentSlug,
      keyId,
      invitationId,
      userId,
      email,
      conversationId,
    },
    ...{ externalSessionId, clientMessageId, portalConversationId, messageId: message?.id ?? '', ...rows },
    auditId: String(audit['nextCursor']),
    challenge: (await readConfig(url, siteKey, origin)).challenge,
    token: await freshToken(url, visitor, conversationId),
    portalToken: String(portalToken['token']),
  };
  return { known, sealed: sealed['payloads'] };
}

const PORTAL = '/api/portal/chat/conversations';

async function join({ stack: { db } }: Tools, { tenantId, mint }: FuzzTenant) {
  const userId = uuidv7();
  const email = `${userId}@people.example`;
  await withTenant(db, tenantId, async (tx) => {
    await tx.insert(users).values({ id: userId, name: mint.word(), email });
    await insertMembership(tx, { tenantId, userId, role: 'viewer' });
  });
  return { userId, email };
}

/** What no route makes, or none without another server. */
async function insertRows({ stack: { db, env } }: Tools, { tenantId, mint }: FuzzTenant, siteId: string) {
  const word = () => mint.word();
  const [flowId, erasureId, providerSlug, verifiedUserId] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
  const by = { actor: { kind: 'system', id: null } } as const;
  const erased = await fillVisitor(db, { tenantId, siteId, siteKey: '' }, { name: word(), threadId: randomThread() });
  await fillVisitor(db, { tenantId, siteId, siteKey: '' }, { name: word(), verifiedUserId, threadId: randomThread() });
  await withTenant(db, tenantId, async (tx) => {
    const document = { tenantId, id: uuidv7(), title: word(), body: word() };
    await tx.insert(knowledgeDocuments).values(document);
    await tx.insert(flows).values({ tenantId, id: flowId, name: word() });
    await tx.insert(flowVersions).values({ tenantId, flowId, version: 1, definition: definitionNamed(word()) });
    await insertErasure(tx, { tenantId, erasureId, kind: 'ids', conversationIds: [erased], requestedBy: word() });
  });
  const { secrets, words } = openKeys(env, db);
  const clientSecret = await secrets.seal(tenantId, word());
  const [endpointId, fileId, outboxKey] = [uuidv7(), uuidv7(), uuidv7()];
  const url = `https://${word()}.example/`;
  const endpoint = { tenantId, id: endpointId, url, secret: await secrets.seal(tenantId, word()) };
  const ref = { tenantId, conversationId: erased };
  const file = { ...ref, id: fileId, name: await words.files.seal(tenantId, word()), size: 1 };
  const effect = { ...ref, key: outboxKey, priority: 1, kind: 'notice', state: 'sent' } as const;
  const text = await words.effects.seal(tenantId, word());
  await withTenant(db, tenantId, async (tx) => {
    await tx.insert(webhookEndpoints).values({ ...endpoint, events: ['conversation.rated'] });
    await tx.insert(files).values(file);
    await tx.insert(outbox).values({ ...effect, text });
    await tx.insert(groupNotices).values({
      tenantId,
      key: uuidv7(),
      notice: { kind: 'trouble', botId: word(), trouble: 'kicked' },
      state: 'sent',
    });
  });
  // Nothing listens there: whoever begins to sign in is told so.
  const issuer = `http://127.0.0.1:9/${word()}`;
  const provider = {
    tenantId,
    slug: providerSlug,
    issuer,
    clientId: word(),
    clientSecret,
    defaultRole: 'viewer',
  } as const;
  await saveIdentityProvider(db, provider, by);
  return { flowId, erasureId, providerSlug, verifiedUserId, endpointId, fileId, outboxKey };
}

function definitionNamed(name: string): FlowDefinition {
  return flowDefinitionSchema.parse({
    ...{ language: 1, name, triggers: [{ on: 'first_message', start: 'hello' }] },
    steps: { hello: { type: 'message', text: name } },
  });
}

/** Whatever its value: two topics of one group never have the same. */
let threads = 100;
function randomThread(): number {
  threads += 1;
  return threads;
}

/** A tenant that has nothing yet but somebody who signs in; the default one is there already. */
export async function makeTenant(tools: Tools, mint: Mint, tenantId?: string): Promise<FuzzTenant> {
  const { url, stack, platformAdmin } = tools;
  const body = { slug: uuidv7(), name: mint.word() };
  const made = tenantId
    ? undefined
    : await send({ url }, platformAdmin, { method: 'POST', path: '/v1/admin/tenants', body });
  const id = tenantId ?? String(made?.body['id']);
  const origin = `https://${uuidv7()}.example`;
  return { tenantId: id, origin, mint, member: await signInAs(stack, url, 'viewer', id) };
}
