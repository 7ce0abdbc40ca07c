import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromMarkdown } from '../../../channels/telegram/formatting/fromMarkdown.ts';
import { readEntities } from '../../../channels/telegram/formatting/readEntities.ts';
import { splitFormatted } from '../../../channels/telegram/formatting/splitFormatted.ts';
import type { TextEntity } from '../../../contracts/message.ts';

describe('readEntities', () => {
  it('keeps what the widget knows, at the same place', () => {
    const text = '😀 bold, code and example.com';
    const entities = [
      { type: 'bold', offset: 3, length: 4 },
      { type: 'code', offset: 9, length: 4 },
      { type: 'url', offset: 18, length: 11 },
      { type: 'expandable_blockquote', offset: 0, length: text.length },
      { type: 'hashtag', offset: 0, length: 2 },
      { type: 'spoiler', offset: 0, length: 2 },
    ];
    expect(readEntities(text, entities)).toEqual([
      { type: 'bold', offset: 3, length: 4 },
      { type: 'code', offset: 9, length: 4 },
      { type: 'link', offset: 18, length: 11, url: 'https://example.com/' },
      { type: 'quote', offset: 0, length: text.length },
    ]);
  });

  it.each([
    [{ type: 'text_link', offset: 0, length: 5, url: 'javascript:alert(1)' }],
    [{ type: 'text_link', offset: 0, length: 5, url: 'tg://user?id=1' }],
    [{ type: 'text_link', offset: 0, length: 5 }],
    [{ type: 'bold', offset: 3, length: 3 }],
  ])('drops %o', (entity) => {
    expect(readEntities('words', [entity])).toEqual([]);
  });
});

describe('fromMarkdown', () => {
  it('shows what the bot says without its marks', () => {
    const { text, entities } = fromMarkdown(
      'Hi **there *you* all**\n\n1. one\n2. `two`\n\n> said\n\n```\nlet a;\n```\n[here](https://example.com/x) ~~no~~',
    );
    expect(text).toBe('Hi there you all\n\n1. one\n2. two\n\nsaid\n\nlet a;\n\nhere no');
    const shown = entities.map(({ type, offset, length, url }) => [type, text.slice(offset, offset + length), url]);
    expect(shown).toEqual([
      ['bold', 'there you all', undefined],
      ['italic', 'you', undefined],
      ['code', 'two', undefined],
      ['quote', 'said', undefined],
      ['pre', 'let a;', undefined],
      ['link', 'here', 'https://example.com/x'],
      ['strikethrough', 'no', undefined],
    ]);
  });

  it('leaves plain words as they are', () => {
    expect(fromMarkdown('2 * 3 * 4 = 24\nsnake_case_name')).toEqual({
      text: '2 * 3 * 4 = 24\nsnake_case_name',
      entities: [],
    });
  });
});

describe('splitFormatted', () => {
  it('ends a piece before an entity that does not fit any more', () => {
    const text = `${'a '.repeat(20)}${'b '.repeat(10)}end`;
    const entities: TextEntity[] = [{ type: 'bold', offset: 40, length: 20 }];
    expect(splitFormatted({ text, entities }, 50)).toEqual([
      { text: 'a '.repeat(20), entities: [] },
      { text: `${'b '.repeat(10)}end`, entities: [{ type: 'bold', offset: 0, length: 20 }] },
    ]);
  });

  it('cuts an entity that is longer than a piece, and goes on with it', () => {
    const pieces = splitFormatted({ text: 'x'.repeat(25), entities: [{ type: 'pre', offset: 0, length: 25 }] }, 10);
    expect(pieces.map(({ text }) => text.length)).toEqual([10, 10, 5]);
    for (const { text, entities } of pieces) {
      expect(entities).toEqual([{ type: 'pre', offset: 0, length: text.length }]);
    }
  });

  it('loses neither words nor formatting, and cuts no emoji', () => {
    const part = fc.record({
      words: fc.string({ unit: fc.constantFrom('a', ' ', '👩‍👩‍👧', 'ש', '\n', 'é'), minLength: 1, maxLength: 12 }),
      bold: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        let text = '';
        const entities: TextEntity[] = [];
        for (const { words, bold } of parts) {
          if (bold) entities.push({ type: 'bold', offset: text.length, length: words.length });
          text += words;
        }
        const pieces = splitFormatted({ text, entities }, 100);
        expect(pieces.map((piece) => piece.text).join('')).toBe(text);
        const count = pieces.reduce((sum, piece) => sum + piece.entities.length, 0);
        expect(count).toBe(entities.length);
        for (const piece of pieces) {
          expect(piece.text.length).toBeLessThanOrEqual(100);
          expect(Buffer.from(piece.text).toString()).toBe(piece.text);
          for (const { offset, length } of piece.entities) {
            expect(offset + length).toBeLessThanOrEqual(piece.text.length);
          }
        }
      }),
    );
  });
});
