import type { TopicButton, TopicText } from '../../channels/port.ts';
import type { Delivery } from '../../db/queries/outbox/readDelivery.ts';
import { statusSign, visitorOf } from './topicTitle.ts';

type Shown = Delivery['conversation'];

const STATUS_WORDS = { new: 'new', waiting: 'waits for a person', active: 'active', closed: 'closed' } as const;

const OWNERS = { flow: 'the flow', ai: 'AI', human: 'a person' } as const;

/** A visitor or a site may say more than a card should show. */
const MOST_TRAITS = 12;
const VALUE_LENGTH = 200;

/** What the topic's pinned card says: who asks, from where, what is known of them, and who has it. */
export function describeCard(conversation: Shown): TopicText {
  const heading = conversation.title?.trim() || visitorOf(conversation);
  const lines = [heading, ...factsOf(conversation).map(([name, value]) => `${name}: ${short(value)}`)];
  return {
    text: lines.join('\n'),
    entities: [{ type: 'bold', offset: 0, length: heading.length }],
    buttons: buttonsOf(conversation),
  };
}

function factsOf(conversation: Shown): [name: string, value: string][] {
  const { visitorName, visitorVerified, source, status, owner, claimedByName, snoozedUntil } = conversation;
  const facts: [string, string | null | undefined][] = [
    ['Visitor', visitorName && `${visitorName}${visitorVerified ? ' 🪪' : ''}`],
    ['Page', source.url],
    ['From', source.referrer],
    ['Language', source.locale],
    ['Campaign', source.utm && Object.values(source.utm).join(' / ')],
    ...traitsOf(conversation),
    ['Status', `${statusSign(conversation)} ${STATUS_WORDS[status]}`],
    [
      'Until',
      snoozedUntil
        ?.toISOString()
        .replace(/:\d\d\.\d+Z$/, ' UTC')
        .replace('T', ' '),
    ],
    ['With', claimedByName ?? OWNERS[owner]],
  ];
  return facts.flatMap(([name, value]) => (value ? [[name, value]] : []));
}

/** What the site says of its visitor: with a mark as long as nothing proves it. */
function traitsOf({ traits, traitsVerified }: Shown): [string, string][] {
  return Object.entries(traits ?? {})
    .slice(0, MOST_TRAITS)
    .map(([name, value]) => [short(name), `${value}${traitsVerified ? '' : ' (unverified)'}`]);
}

function buttonsOf({ status, claimedByName }: Shown): TopicButton[][] {
  if (status === 'closed') return [[{ label: '↩️ Reopen', order: '/reopen' }]];
  const take = claimedByName ? { label: '↪️ Release', order: '/release' } : { label: '✋ Claim', order: '/claim' };
  return [
    [take, { label: '✅ Close', order: '/close' }],
    [
      { label: '💤 1 hour', order: '/snooze 1h' },
      { label: '💤 Tomorrow', order: '/snooze tomorrow' },
    ],
    [{ label: '💬 Canned answers', order: '/canned' }],
  ];
}

function short(value: string): string {
  const line = value.replace(/\s+/g, ' ');
  return line.length > VALUE_LENGTH ? `${line.slice(0, VALUE_LENGTH)}…` : line;
}
