import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Role, scopeSchema } from '../../../contracts/access.ts';
import { DEFAULT_TENANT_ID } from '../../../contracts/workflowId.ts';
import { createOwnDatabase } from '../../support/ownDatabase.ts';
import { anonymous, type Caller, serviceToken, signInAs } from '../access/callers.ts';
import { type Operation, readOperations } from '../access/openApi.ts';
import { issueKey } from '../support/issueKey.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openConversation, request } from '../support/visitor.ts';
import { type Filling, type FuzzTenant, fillTenant, type Known, makeTenant } from './fillTenant.ts';
import { createMint } from './marks.ts';

/** Somebody who has to do with one tenant and wants to get at another's. */
export interface Attacker {
  name: string;
  /** What the door takes them for. */
  kind: 'stranger' | 'visitor' | 'person' | 'program';
  /** A person's. */
  role?: Role;
  headers: Record<string, string>;
  tenant: FuzzTenant;
  site: { siteKey: string; origin: string };
  /** Things of the own tenant that nobody needs any more. */
  spare: Known;
  sealed: unknown;
  /** What must be let in before and after, so that refusals say something. */
  own: string;
}

export interface FuzzWorld {
  stack: Stack;
  url: string;
  operations: Operation[];
  attackers: Attacker[];
  /** The tenant that is attacked. What it was filled with first is in no attacker's hands. */
  victim: FuzzTenant & Filling & { hidden: Known };
  /** The tenants of the attackers. */
  tenants: FuzzTenant[];
  stop(): Promise<void>;
}

const ENOUGH = 100_000_000;
/** One conversation and one person do here what a crowd would. */
const MANY = ['conversation.message', 'conversation.rename', 'conversation.socket', 'socket.frame', 'account.reset'];

/** An API over a database of its own, with three tenants in it: the default one, the attackers' and the victim's. */
export async function startFuzzWorld(): Promise<FuzzWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-fuzz-'));
  const database = await createOwnDatabase();
  const stack = await startStack({ databaseUrl: database.appUrl });
  const limits = Object.fromEntries(MANY.map((name) => [name, ENOUGH]));
  const { url } = await stack.startApi({
    MAIL_FOLDER: join(folder, 'mail'),
    LIMITS: { ...stack.env.LIMITS, ...limits },
  });
  await stack.startWorker();
  const platformAdmin = await signInAs(stack, url, 'platform admin', DEFAULT_TENANT_ID);
  const tools = { stack, url, platformAdmin };

  const [first, own, victim] = [
    await makeTenant(tools, createMint(), DEFAULT_TENANT_ID),
    await makeTenant(tools, createMint()),
    await makeTenant(tools, createMint()),
  ];
  // One after the other: two fillings at once would race for what a tenant has one of.
  const filled = async (tenant: FuzzTenant) =>
    [await fillTenant(tools, tenant), await fillTenant(tools, tenant)] as const;
  const [ofFirst, ofOwn, ofVictim] = await Promise.all([filled(first), filled(own), filled(victim)]);

  return {
    stack,
    url,
    operations: await readOperations(url),
    attackers: [
      ...(await membersOf(tools, own, ofOwn)),
      ...(await strangersOf(tools, own, ofOwn)),
      ...(await strangersOf(tools, first, ofFirst)),
      attackerOf(['service token', 'program'], serviceToken, first, ofFirst, '/v1/admin/sites'),
    ],
    victim: { ...victim, ...ofVictim[1], hidden: ofVictim[0].known },
    tenants: [first, own],
    async stop() {
      await stack.stop();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Tools {
  stack: Stack;
  url: string;
  platformAdmin: Caller;
}

type Fillings = readonly [Filling, Filling];

function attackerOf(
  [name, kind, role]: [string, Attacker['kind'], Role?],
  { headers }: Pick<Caller, 'headers'>,
  tenant: FuzzTenant,
  [lasting, { known: spare, sealed }]: Fillings,
  own: string,
): Attacker {
  const site = { siteKey: lasting.known.siteKey, origin: tenant.origin };
  return { name, kind, role, headers, tenant, site, spare, sealed, own };
}

/** Keys, people with each role, and somebody of the portal, who has a conversation there. */
async function membersOf(tools: Tools, tenant: FuzzTenant, fillings: Fillings): Promise<Attacker[]> {
  const { stack, url } = tools;
  const { key } = await issueKey(stack.db, tenant.tenantId, [...scopeSchema.options]);
  const roles: Role[] = ['admin', 'agent', 'viewer'];
  const people = await Promise.all(roles.map((role) => signInAs(stack, url, role, tenant.tenantId)));
  const [{ known }] = fillings;
  return [
    attackerOf(
      ['key', 'program'],
      { headers: { authorization: `Bearer ${key}` } },
      tenant,
      fillings,
      '/v1/admin/sites',
    ),
    ...people.map((person, index) =>
      attackerOf([person.name, 'person', roles[index]], person, tenant, fillings, '/v1/admin/sites'),
    ),
    attackerOf(
      ['portal user', 'person', 'viewer'],
      tenant.member,
      tenant,
      fillings,
      `/api/portal/chat/conversations/${known.portalConversationId}`,
    ),
  ];
}

/** Whoever reads a page of the tenant: with a conversation, and without. */
async function strangersOf({ url }: Tools, tenant: FuzzTenant, fillings: Fillings): Promise<Attacker[]> {
  const [{ known }] = fillings;
  const site = { siteKey: known.siteKey, origin: tenant.origin };
  const { conversationId, token } = await openConversation(url, site);
  const visitor = { headers: { authorization: `Bearer ${token}` } };
  const config = `/v1/webchat/config?siteKey=${known.siteKey}`;
  return [
    attackerOf(['visitor', 'visitor'], visitor, tenant, fillings, `/v1/conversations/${conversationId}/messages`),
    attackerOf(['anonymous', 'stranger'], anonymous, tenant, fillings, config),
  ];
}

/** What the attacker's own request is answered with. */
export async function statusOfOwn({ url }: FuzzWorld, { headers, own, site }: Attacker): Promise<number> {
  return (await request(`${url}${own}`, { headers: { origin: site.origin, ...headers } })).status;
}
