import { DEFAULT_TENANT_ID } from '../../../contracts/workflowId.ts';

/** A column of sealed values: the first byte of each is the version of the tenant's data key that sealed it. */
export interface SealedColumn {
  table: string;
  column: string;
  /** The primary key beside `tenant_id`, and its types. */
  key: readonly { name: string; type: 'uuid' | 'text' | 'integer' }[];
  /** Whose seal it is: the secret box, or one of the words'. */
  kind: 'secrets' | 'messages' | 'notes' | 'effects' | 'files';
  /** Whose data key seals a table that is nobody's; without it the column `tenant_id` says it. */
  sealedFor?: string;
}

const id = { name: 'id', type: 'uuid' } as const;
const ofConversation = [{ name: 'conversation_id', type: 'uuid' }, id] as const;

/** All of them: what a rotation of data keys reseals. A test compares it with the columns that there are. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'channel_connections', column: 'secrets', key: [id], kind: 'secrets' },
  { table: 'sites', column: 'identity_secret', key: [id], kind: 'secrets' },
  { table: 'identity_providers', column: 'client_secret', key: [id], kind: 'secrets' },
  { table: 'webhook_endpoints', column: 'secret', key: [id], kind: 'secrets' },
  { table: 'webhook_endpoints', column: 'previous_secret', key: [id], kind: 'secrets' },
  {
    table: 'people.secret',
    column: 'sealed',
    key: [{ name: 'id', type: 'integer' }],
    kind: 'secrets',
    sealedFor: DEFAULT_TENANT_ID,
  },
  { table: 'messages', column: 'content', key: ofConversation, kind: 'messages' },
  { table: 'messages', column: 'edited', key: ofConversation, kind: 'messages' },
  { table: 'conversation_notes', column: 'text', key: ofConversation, kind: 'notes' },
  { table: 'outbox', column: 'text', key: [{ name: 'key', type: 'text' }], kind: 'effects' },
  { table: 'files', column: 'name', key: ofConversation, kind: 'files' },
  { table: 'files', column: 'source', key: ofConversation, kind: 'files' },
];

/** SQL for the tenant of a row of the column's table. */
export function tenantOf({ sealedFor }: SealedColumn): string {
  return sealedFor === undefined ? 'tenant_id' : `'${sealedFor}'::uuid`;
}
