import type { TopicButton, TopicText } from '../../channels/port.ts';
import { cutPosition, MAX_TELEGRAM_TEXT } from '../../channels/telegram/splitText.ts';
import type { Delivery } from '../../db/queries/outbox/readDelivery.ts';
import { VERIFIED_SIGN } from './describeRow.ts';
import { statusSign, visitorOf } from './topicTitle.ts';

type Shown = Delivery['conversation'];

type Fact = [name: string, value: string | null | undefined];

const STATUS_WORDS = { new: 'new', waiting: 'waits for a person', active: 'active', closed: 'closed' } as const;

const OWNERS = { flow: 'the flow', ai: 'AI', human: 'a person' } as const;

/** A visitor or a site may say more than a card should show. */
const MOST_TRAITS = 12;
const VALUE_LENGTH = 200;
const HEADING_LENGTH = 128;
const NOTE_LENGTH = 80;

const CONSOLE_LABEL = '🔗 Open in console';

/** Blanks, and signs that turn the direction of what follows: with them a value could hide or displace its mark. */
const DISPLACING = /[\s\u202a-\u202e\u2066-\u2069]+/gu;

/**
 * What the topic's pinned card says: who asks, from where, what is known of them, who has it, and where else it is found. What
 * the site says of its visitor is cut where Telegram could not take all. `consoleUrl` has `{conversationId}` in it.
 */
export function describeCard(conversation: Shown, consoleUrl?: string): TopicText {
  const heading = short(conversation.title?.trim() || visitorOf(conversation), HEADING_LENGTH);
  const above = [heading, ...linesOf(arrivalOf(conversation))];
  const below = [...linesOf(standingOf(conversation)), ...(consoleUrl ? [CONSOLE_LABEL] : [])];
  const room = MAX_TELEGRAM_TEXT - [...above, ...below].join('\n').length;
  const text = [...above, ...fitting(traitsOf(conversation), room), ...below].join('\n');
  const { length } = CONSOLE_LABEL;
  const url = consoleUrl?.replaceAll('{conversationId}', conversation.id);
  return {
    text,
    entities: [
      { type: 'bold', offset: 0, length: heading.length },
      ...(url ? [{ type: 'link' as const, offset: text.length - length, length, url }] : []),
    ],
    buttons: buttonsOf(conversation),
  };
}

function arrivalOf({ visitorName, visitorVerified, source }: Shown): Fact[] {
  const name = visitorName?.replaceAll(VERIFIED_SIGN, '');
  return [
    ['Visitor', name && `${short(name)}${visitorVerified ? ` ${VERIFIED_SIGN}` : ''}`],
    ['Page', source.url],
    ['From', source.referrer],
    ['Language', source.locale],
    ['Campaign', source.utm && Object.values(source.utm).join(' / ')],
  ];
}

function standingOf(conversation: Shown): Fact[] {
  const { id, status, owner, claimedByName, snoozedUntil, notes } = conversation;
  const until = snoozedUntil?.toISOString().replace(/:\d\d\.\d+Z$/, ' UTC');
  return [
    ['Status', `${statusSign(conversation)} ${STATUS_WORDS[status]}`],
    ['Until', until?.replace('T', ' ')],
    ['With', claimedByName ?? OWNERS[owner]],
    ['Notes', notes && `${notes.count} · ${short(notes.last, NOTE_LENGTH)}`],
    ['Conversation', id],
  ];
}

function linesOf(facts: readonly Fact[]): string[] {
  return facts.flatMap(([name, value]) => (value ? [`${name}: ${short(value)}`] : []));
}

/** What the site says of its visitor: with a mark, which no value can push out, as long as nothing proves it. */
function traitsOf({ traits, traitsVerified }: Shown): string[] {
  const mark = traitsVerified ? '' : ' (unverified)';
  return Object.entries(traits ?? {})
    .filter(([, value]) => value !== null)
    .slice(0, MOST_TRAITS)
    .map(([name, value]) => `${short(name)}: ${short(String(value))}${mark}`);
}

/** As many lines, from the first on, as `room` UTF-16 code units take, with their line ends; then a sign that there are more. */
function fitting(lines: readonly string[], room: number): string[] {
  const more = '…';
  let left = room;
  const fits = lines.findIndex((line, index) => {
    left -= line.length + 1;
    return left < (index === lines.length - 1 ? 0 : more.length + 1);
  });
  return fits === -1 ? [...lines] : [...lines.slice(0, fits), more];
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

function short(value: string, length = VALUE_LENGTH): string {
  const line = value.replace(DISPLACING, ' ').trim();
  return line.length > length ? `${line.slice(0, cutPosition(line, length)).trimEnd()}…` : line;
}
