import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { DecidedMessage } from '../../contracts/conversation.ts';
import type { TextEntity } from '../../contracts/message.ts';
import { migrate } from '../../db/migrate.ts';
import { botSays } from '../db/fixtures/turns.ts';
import { createDesk, type Desk } from './fixtures/createDesk.ts';

interface Piece {
  text: string;
  url?: string;
  bold?: true;
}

/** Words of every kind, every other one bold or a link, and in their midst a bold one that is longer than a message. */
const PIECES: Piece[] = Array.from({ length: 420 }, (_, index): Piece[] => [
  { text: index === 210 ? 'ausführlich مرحبا 👩‍👩‍👧‍👦 '.repeat(200).trim() : `wichtig ${index} שלום 🇮🇱`, bold: true },
  { text: ' und ' },
  { text: `Paket ${index} é\u0301`, url: `https://shop.example/${index}` },
  { text: index % 40 === 0 ? '.\n\n' : '. ' },
]).flat();

const TEXT = PIECES.map(({ text }) => text).join('');
const HEADING = /(?:🤖 Bot|👤 Agent A) \((\d+)\/(\d+)\):/gu;
const closed = (text: string) => text.replaceAll(/\s+/g, '');

function entitiesOf(pieces: Piece[]): TextEntity[] {
  let offset = 0;
  return pieces.flatMap(({ text, url, bold }): TextEntity[] => {
    const at = { offset, length: text.length };
    offset += text.length;
    if (url) return [{ type: 'link', ...at, url }];
    return bold ? [{ type: 'bold', ...at }] : [];
  });
}

function markdownOf({ text, url, bold }: Piece): string {
  if (url) return `[${text}](${url})`;
  return bold ? `**${text}**` : text;
}

const WAYS: [string, DecidedMessage][] = [
  ['a flow, in Markdown', botSays(PIECES.map(markdownOf).join(''))],
  ['an agent', botSays(TEXT, { author: { kind: 'agent', name: 'Agent A' }, entities: entitiesOf(PIECES) })],
];

describe('a formatted text of more than 20,000 characters', () => {
  let desk: Desk;

  beforeAll(() => migrate(inject('servers').ownerUrl));
  afterEach(() => desk.close());

  it.each(WAYS)('by %s arrives in parts that keep all words, bold and links, in order', async (_way, message) => {
    expect(TEXT.length).toBeGreaterThan(20_000);
    desk = await createDesk(inject('servers').appUrl);
    const chat = desk.conversation();
    await chat.relay([message]);
    await chat.drain();
    expect(await chat.states()).toEqual(['sent']);

    const [topic] = await desk.emulator.listTopics();
    const listed = await desk.emulator.listMessages({ groupId: desk.groupId, threadId: topic?.threadId ?? 0 });
    const sent = listed.flatMap(({ message: { text, entities = [] } }) =>
      text === undefined ? [] : [{ text, entities }],
    );
    expect(sent.length).toBeGreaterThanOrEqual(6);
    const numbers: string[] = [];
    const words: string[] = [];
    const bold: string[] = [];
    const links: (string | undefined)[][] = [];
    for (const { text, entities } of sent) {
      expect(text.length).toBeLessThanOrEqual(4_096);
      expect(Buffer.from(text).toString()).toBe(text);
      for (const { type, offset, length, url } of entities) {
        expect(offset + length).toBeLessThanOrEqual(text.length);
        const marked = text.slice(offset, offset + length);
        expect(Buffer.from(marked).toString()).toBe(marked);
        if (type === 'text_link') links.push([marked, url]);
        else if (!marked.match(HEADING)) bold.push(marked);
      }
      numbers.push(...[...text.matchAll(HEADING)].map(([, number, of]) => `${number} of ${of}`));
      words.push(text.replaceAll(HEADING, ''));
    }
    expect(numbers).toEqual(numbers.map((_, index) => `${index + 1} of ${numbers.length}`));
    expect(closed(words.join(''))).toBe(closed(TEXT));
    expect(closed(bold.join(''))).toBe(closed(PIECES.flatMap((piece) => (piece.bold ? [piece.text] : [])).join('')));
    // One is cut, and that one only where it does not fit into a message.
    expect(bold).toHaveLength(421);
    expect(links).toEqual(PIECES.flatMap(({ text, url }) => (url ? [[text, url]] : [])));
  });
});
