import type { TopicText } from '../../channels/port.ts';
import type { Delivery } from '../../db/queries/outbox/readDelivery.ts';
import { topicTitle } from './topicTitle.ts';

const STATUS_SIGNS = {
  new: '🆕 new',
  waiting: '🔔 waits for a person',
  active: '💬 active',
  closed: '✅ closed',
} as const;

/** What the topic's pinned card says: who asks, from where, and who has it. */
export function describeCard(conversation: Delivery['conversation']): TopicText {
  const title = topicTitle(conversation);
  const { visitorName, visitorVerified, source, status, claimedByName } = conversation;
  const lines = [
    title,
    visitorName && `Visitor: ${visitorName}${visitorVerified ? ' 🪪' : ''}`,
    source.url && `Page: ${source.url}`,
    `Status: ${STATUS_SIGNS[status]}`,
    claimedByName && `With: ${claimedByName}`,
  ];
  return { text: lines.filter(Boolean).join('\n'), entities: [{ type: 'bold', offset: 0, length: title.length }] };
}
