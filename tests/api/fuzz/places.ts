import { randomUUID } from 'node:crypto';
import type { Random } from '../../chaos/random.ts';
import type { Known } from './fillTenant.ts';

type Kind = keyof Known;

/** What a path names, by the path before its parameter. */
const KIND_OF_PATH: Record<string, Kind[]> = {
  '/v1/admin/conversations': ['conversationId', 'portalConversationId'],
  '/v1/admin/sites': ['siteId'],
  '/v1/admin/channels': ['connectionId'],
  '/v1/admin/ai-agents': ['agentId'],
  '/v1/admin/api-keys': ['keyId'],
  '/v1/admin/invitations': ['invitationId'],
  '/v1/admin/members': ['userId'],
  '/v1/admin/erasures': ['erasureId'],
  '/v1/admin/tenants': ['tenantId'],
  '/v1/admin/webhooks': ['endpointId'],
  '/v1/admin/outbox': ['outboxKey'],
  '/v1/webchat/files': ['fileId'],
  '/v1/files': ['fileId'],
  '/v1/conversations': ['conversationId', 'portalConversationId'],
  '/api/portal/chat/conversations': ['portalConversationId', 'conversationId'],
  '/chat/ws': ['portalConversationId', 'conversationId'],
  '/api/auth/oidc': ['providerSlug'],
};

/** The same for properties of bodies and queries; any other text may hold an id as well. */
const KIND_OF_NAME: Record<string, Kind[]> = {
  tenantId: ['tenantId'],
  siteKey: ['siteKey'],
  challenge: ['challenge'],
  token: ['invitationId', 'token', 'portalToken'],
  identity: ['token'],
  conversationId: ['conversationId', 'portalConversationId'],
  ids: ['conversationId', 'portalConversationId', 'messageId'],
  externalSessionId: ['externalSessionId', 'conversationId'],
  verifiedUserId: ['verifiedUserId'],
  portalUserId: ['userId'],
  clientMessageId: ['clientMessageId', 'messageId'],
  choiceId: ['messageId', 'clientMessageId'],
  replyTo: ['messageId', 'clientMessageId'],
  agent: ['agentId', 'agentSlug'],
  flowId: ['flowId'],
  email: ['email'],
  id: ['userId'],
  slug: ['agentSlug', 'providerSlug'],
  cursor: [
    'siteId',
    'connectionId',
    'agentId',
    'keyId',
    'invitationId',
    'userId',
    'erasureId',
    'auditId',
    'portalConversationId',
  ],
  key: ['siteKey', 'outboxKey'],
  attachments: ['fileId', 'messageId'],
};

/** Two tenants as an attacker knows them. */
export interface Targets {
  /** Of the tenant that is attacked. */
  theirs: Known;
  /** Of the attacker's own, which may be changed and deleted. */
  own: Known;
}

/** Throws for a place that nobody has said anything about: a new route has to be added. */
export function kindsOfPath(before: string): Kind[] {
  const kinds = KIND_OF_PATH[before];
  if (!kinds) throw new Error(`What does ${before}/{…} name? Add it to KIND_OF_PATH in tests/api/fuzz/places.ts.`);
  return kinds;
}

export function kindsOfName(name: string): Kind[] | undefined {
  return KIND_OF_NAME[name];
}

/** An id or a key for such a place: mostly the other tenant's, else the own one, one that is nearly theirs, or nonsense. */
export function hostileValue(random: Random, kinds: readonly Kind[], { theirs, own }: Targets): string {
  const kind = pick(random, kinds);
  const roll = random.next();
  if (roll < 0.55) return theirs[kind];
  if (roll < 0.72) return own[kind];
  if (roll < 0.8) return theirs[pick(random, Object.keys(theirs) as Kind[])];
  if (roll < 0.9) return pick(random, NEAR)(theirs[kind]);
  return roll < 0.95 ? randomUUID() : pick(random, NONSENSE);
}

const NEAR: ((value: string) => string)[] = [
  (value) => value.toUpperCase(),
  (value) => `${value.slice(0, -1)}${value.endsWith('0') ? '1' : '0'}`,
  (value) => value.slice(0, -1),
  (value) => ` ${value} `,
  (value) => `{${value}}`,
  (value) => value.replaceAll('-', ''),
  (value) => `${value}' OR '1'='1`,
  (value) => `${value}\u0000`,
  (value) => `../${value}`,
  (value) => `${value},${value}`,
];

const NONSENSE = [
  '*',
  '%',
  '_',
  '..',
  '0',
  '-1',
  'null',
  'undefined',
  '00000000-0000-0000-0000-000000000000',
  '{}',
  "'",
];

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[Math.floor(random.between(0, items.length))];
  if (item === undefined) throw new Error('There is nothing to pick from');
  return item;
}
