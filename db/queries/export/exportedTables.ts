import type { AnyPgTable } from 'drizzle-orm/pg-core';
import { aiAgents } from '../../schema/aiAgents.ts';
import { apiKeys } from '../../schema/apiKeys.ts';
import { auditLog } from '../../schema/auditLog.ts';
import { channelConnections } from '../../schema/channelConnections.ts';
import { conversationNotes } from '../../schema/conversationNotes.ts';
import { conversations } from '../../schema/conversations.ts';
import { domainEvents } from '../../schema/domainEvents.ts';
import { erasedConversations } from '../../schema/erasedConversations.ts';
import { erasures } from '../../schema/erasures.ts';
import { files } from '../../schema/files.ts';
import { flows } from '../../schema/flows.ts';
import { flowVersions } from '../../schema/flowVersions.ts';
import { groupNotices } from '../../schema/groupNotices.ts';
import { identityProviders } from '../../schema/identityProviders.ts';
import { invitations } from '../../schema/invitations.ts';
import { knowledgeDocuments } from '../../schema/knowledgeDocuments.ts';
import { memberships } from '../../schema/memberships.ts';
import { messages } from '../../schema/messages.ts';
import { outbox } from '../../schema/outbox.ts';
import { portalConversations } from '../../schema/portalConversations.ts';
import { sessions } from '../../schema/sessions.ts';
import { sites } from '../../schema/sites.ts';
import { telegramTopics } from '../../schema/telegramTopics.ts';
import { telemetryEvents } from '../../schema/telemetryEvents.ts';
import { tenantSettings } from '../../schema/tenantSettings.ts';
import { tenants } from '../../schema/tenants.ts';
import { topicDeliveries } from '../../schema/topicDeliveries.ts';
import { webhookAttempts } from '../../schema/webhookAttempts.ts';
import { webhookDeliveries } from '../../schema/webhookDeliveries.ts';
import { webhookEndpoints } from '../../schema/webhookEndpoints.ts';
import type { Sealer, Words } from '../../words.ts';

export interface ExportedTable {
  table: AnyPgTable;
  /** The column with the conversation's id; a table without one is the tenant's alone. */
  conversation?: 'id' | 'conversation_id';
  /** The columns with people's words, which are opened. Every other column of bytes is a secret or a hash and stays. */
  sealed?: readonly ExportedWords[];
}

export interface ExportedWords {
  column: string;
  by: (words: Words) => Sealer;
  holds: 'json' | 'text';
}

const ofConversation = { conversation: 'conversation_id' } as const;

/** What was said, and what its author made of it later. */
const MESSAGE_WORDS: readonly ExportedWords[] = [
  { column: 'content', by: (words) => words.messages, holds: 'json' },
  { column: 'edited', by: (words) => words.messages, holds: 'json' },
];

/** What an export holds, in its order. Whoever adds a table adds it here, or to the test's list of those that stay. */
export const EXPORTED_TABLES: readonly ExportedTable[] = [
  { table: sessions, ...ofConversation },
  { table: portalConversations, ...ofConversation },
  { table: conversations, conversation: 'id' },
  { table: messages, ...ofConversation, sealed: MESSAGE_WORDS },
  {
    table: conversationNotes,
    ...ofConversation,
    sealed: [{ column: 'text', by: (words) => words.notes, holds: 'text' }],
  },
  { table: files, ...ofConversation, sealed: [{ column: 'name', by: (words) => words.files, holds: 'text' }] },
  { table: domainEvents, ...ofConversation },
  { table: webhookDeliveries, ...ofConversation },
  { table: webhookAttempts, ...ofConversation },
  { table: outbox, ...ofConversation, sealed: [{ column: 'text', by: (words) => words.effects, holds: 'text' }] },
  { table: telegramTopics, ...ofConversation },
  { table: topicDeliveries, ...ofConversation },
  { table: telemetryEvents, ...ofConversation },
  { table: tenants },
  { table: tenantSettings },
  { table: sites },
  { table: flows },
  { table: flowVersions },
  { table: knowledgeDocuments },
  { table: aiAgents },
  { table: channelConnections },
  { table: groupNotices },
  { table: identityProviders },
  { table: webhookEndpoints },
  { table: memberships },
  { table: invitations },
  { table: apiKeys },
  { table: erasures },
  { table: erasedConversations },
  { table: auditLog },
];
