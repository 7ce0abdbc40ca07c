import { describe, expect, it } from 'vitest';
import { describeCard } from '../../../activities/delivery/describeCard.ts';
import { MAX_TELEGRAM_TEXT } from '../../../channels/telegram/splitText.ts';

type Shown = Parameters<typeof describeCard>[0];

const ID = '0198c000-0000-7000-8000-000000000002';

const card = (conversation: Partial<Shown>, consoleUrl?: string) =>
  describeCard(
    {
      id: ID,
      title: null,
      visitorName: 'Noor',
      source: {},
      status: 'new',
      owner: 'flow',
      claimedByName: null,
      snoozedUntil: null,
      traits: {},
      traitsVerified: false,
      lastSeq: 1,
      visitorVerified: false,
      notes: null,
      ...conversation,
    },
    consoleUrl,
  );

describe('describeCard', () => {
  it('marks what nobody signed, however long it is, and whatever it is written in', () => {
    const traits = { plan: 'x'.repeat(500), shop: `gold\n\u202e${'é'.repeat(199)}`, seats: 3, none: null };
    const lines = card({ traits }).text.split('\n').slice(2, -3);
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^(plan|shop|seats): \S.* \(unverified\)$/);
    expect(lines.join()).not.toContain('\u202e');
    expect(card({ traits, traitsVerified: true }).text).not.toContain('unverified');
  });

  it('takes the sign of a verified visitor from nobody’s name', () => {
    expect(card({ visitorName: 'Noor 🪪' }).text).not.toContain('🪪');
    expect(card({ visitorName: '🪪' }).text).toMatch(/^Visitor 000002\n/);
    expect(card({ visitorVerified: true }).text).toContain('Visitor: Noor 🪪\n');
  });

  it('is never longer than Telegram takes: it says what is known of the visitor as far as there is room', () => {
    const long = '😀'.repeat(1_000);
    const traits = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`${index} ${long}`, long]));
    const source = { url: long, referrer: long, locale: long, utm: { source: long } };
    const { text, entities } = card({
      title: long,
      visitorName: long,
      claimedByName: long,
      notes: { count: 2, last: long },
      traits,
      source,
    });
    expect(text.length).toBeLessThanOrEqual(MAX_TELEGRAM_TEXT);
    expect(text.length).toBeGreaterThan(3_500);
    expect(() => encodeURIComponent(text)).not.toThrow();
    expect(entities[0]?.length).toBeLessThanOrEqual(129);
    const lines = text.split('\n');
    expect(lines.filter((line) => line.endsWith('(unverified)')).length).toBeGreaterThan(1);
    expect(lines.slice(-5).map((line) => line.split(':')[0])).toEqual(['…', 'Status', 'With', 'Notes', 'Conversation']);
  });

  it('names the conversation, with a link to the console where there is one', () => {
    expect(card({}).text).toMatch(new RegExp(`\nConversation: ${ID}$`));
    const { text, entities } = card({}, 'https://support.example/c/{conversationId}?from=card');
    const link = entities.find(({ type }) => type === 'link');
    expect(link).toMatchObject({ url: `https://support.example/c/${ID}?from=card` });
    expect(text.slice(link?.offset, (link?.offset ?? 0) + (link?.length ?? 0))).toBe('🔗 Open in console');
  });

  it('shows how many notes there are, and how the last one begins', () => {
    expect(card({ notes: { count: 2, last: 'Refund\nis on its way' } }).text).toContain(
      '\nNotes: 2 · Refund is on its way\n',
    );
  });
});
