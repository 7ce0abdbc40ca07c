import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** What operators filter conversations by in Temporal UI. */
export const TENANT_ID = defineSearchAttributeKey('TenantId', SearchAttributeType.KEYWORD);
export const CONVERSATION_STATUS = defineSearchAttributeKey('ConversationStatus', SearchAttributeType.KEYWORD);
export const OWNER = defineSearchAttributeKey('Owner', SearchAttributeType.KEYWORD);
export const CHANNEL = defineSearchAttributeKey('Channel', SearchAttributeType.KEYWORD);
export const FLOW_ID = defineSearchAttributeKey('FlowId', SearchAttributeType.KEYWORD);
