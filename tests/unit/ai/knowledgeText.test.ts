import { describe, expect, it } from 'vitest';
import { chooseLocale } from '../../../db/queries/knowledge/chooseLocale.ts';
import { contentWords } from '../../../db/queries/knowledge/contentWords.ts';
import { splitPassages } from '../../../db/queries/knowledge/splitPassages.ts';
import { typoDistance } from '../../../db/queries/knowledge/typoDistance.ts';

describe('splitPassages', () => {
  it('splits at headings and keeps short paragraphs of one heading together', () => {
    const body = 'Intro.\n\n# Costs\nFour euros.\n\nExpress more.\n## Time\n\nTwo days.';
    expect(splitPassages(body)).toEqual([
      { text: 'Intro.' },
      { heading: 'Costs', text: 'Four euros.\n\nExpress more.' },
      { heading: 'Time', text: 'Two days.' },
    ]);
  });

  it('parts long paragraphs, never in the middle of one', () => {
    const [long, longer] = ['a'.repeat(400), 'b'.repeat(900)];
    expect(splitPassages(`${long}\n\n${long}\n\n${longer}`).map(({ text }) => text)).toEqual([long, long, longer]);
  });

  it('finds nothing in nothing', () => {
    expect(splitPassages(' \n\n \n')).toEqual([]);
  });
});

describe('chooseLocale', () => {
  it.each([
    [['de', 'de-AT', 'en'], 'de-AT', 'de-AT'],
    [['de', 'en'], 'de-CH', 'de'],
    [['en-GB', 'de'], 'fr', 'en-GB'],
    [['it', 'fr'], 'sv', 'it'],
    [['de', 'en'], undefined, 'en'],
    [[], 'en', undefined],
  ])('of %j for %s takes %s', (available, wanted, expected) => {
    expect(chooseLocale(available, wanted)).toBe(expected);
  });
});

describe('contentWords', () => {
  it('leaves out what only surrounds the matter', () => {
    expect(contentWords('Hi! Could you please tell me about e-mail invoices?', 'en')).toBe('you me e-mail invoices');
    expect(contentWords('Hallo, ich hätte gern eine Rechnung', 'de-AT')).toBe('ich hätte eine Rechnung');
  });
});

describe('typoDistance', () => {
  it.each([
    ['return', 'return', 0],
    ['retrun', 'return', 1],
    ['shiping', 'shipping', 1],
    ['hose', 'house', 1],
    ['cat', 'dog', 3],
    ['', 'abc', 3],
  ])('%s → %s is %i', (left, right, expected) => {
    expect(typoDistance(left, right)).toBe(expected);
    expect(typoDistance(right, left)).toBe(expected);
  });
});
