import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type TextEntity, textEntitySchema } from '../../../contracts/message.ts';
import { parseEntities, type Span } from '../../../markup/parseEntities.ts';

const text = (value: string) => ({ kind: 'text', text: value });

function wordsOf(spans: readonly Span[]): string {
  return spans.map((span) => (span.kind === 'text' ? span.text : wordsOf(span.content))).join('');
}

test('counts as Telegram does, past emoji and in text from right to left', () => {
  const words = '👩‍👩‍👧 שלום bold';
  expect(
    parseEntities(words, [
      { type: 'italic', offset: words.indexOf('שלום'), length: 4 },
      { type: 'bold', offset: words.indexOf('bold'), length: 4 },
    ]),
  ).toEqual([
    text('👩‍👩‍👧 '),
    { kind: 'italic', content: [text('שלום')] },
    text(' '),
    { kind: 'bold', content: [text('bold')] },
  ]);
});

test('puts what stands within each other within each other, in whatever order it comes', () => {
  expect(
    parseEntities('one two three', [
      { type: 'italic', offset: 4, length: 3 },
      { type: 'link', offset: 0, length: 7, url: 'https://example.com/' },
      { type: 'bold', offset: 0, length: 7 },
    ]),
  ).toEqual([
    {
      kind: 'link',
      url: 'https://example.com/',
      content: [{ kind: 'bold', content: [text('one '), { kind: 'italic', content: [text('two')] }] }],
    },
    text(' three'),
  ]);
});

test('a block takes the end of its line with it', () => {
  expect(parseEntities('see\ncode\nand', [{ type: 'pre', offset: 4, length: 4 }])).toEqual([
    text('see\n'),
    { kind: 'pre', content: [text('code')] },
    text('and'),
  ]);
});

test.each(['javascript:alert(1)', 'data:text/html,x', '//x', ''])('leads nowhere but to the web: %s', (url) => {
  expect(parseEntities('press', [{ type: 'link', offset: 0, length: 5, url }])).toEqual([text('press')]);
});

test('loses no words, whatever entities come', () => {
  const entity = fc.record({
    type: fc.constantFrom(...textEntitySchema.shape.type.options.filter((type) => type !== 'pre' && type !== 'quote')),
    offset: fc.nat(30),
    length: fc.nat(30),
    url: fc.constantFrom('https://example.com', 'javascript:1'),
  });
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.array(entity), (words, entities) => {
      expect(wordsOf(parseEntities(words, entities as TextEntity[]))).toBe(words);
    }),
  );
});
