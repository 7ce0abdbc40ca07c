import { expect, test } from 'vitest';
import { patternDanger } from '../../../flows/patternDanger.ts';

test.each([
  '\\b(?:price|cost|how much)\\b',
  '^order\\s*#?\\s*(?<order>\\d{4,8})$',
  '^(?:\\d{1,3}\\.){3}\\d{1,3}$',
  '(?:foo|bar)+',
  '^[\\w.]+@[\\w.]+\\.\\w+$',
  'refund.*order',
  '\\bhow much\\b.*\\b(?:shipping|delivery|express)\\b',
  '[\\w.+-]+@[\\w-]+\\.\\w+',
  'order\\s*#?\\s*(\\d+)',
  '^(?:[a-z]{2}-?){2}$',
  'colou?r',
  '\\p{Lu}{2}\\d{3}',
  '[{1,2}]+x',
  'a??b{2,3}?c',
])('%s is harmless', (pattern) => {
  expect(patternDanger(pattern)).toBeUndefined();
});

test.each([
  ['nested repeats', '(a+)+$'],
  ['alternatives that overlap under a repeat', '(?:a|a)*$'],
  ['alternatives that overlap by a class', '(?:\\w|\\d)*!'],
  ['repeats that overlap three times', 'a*a*a*b'],
  ['bounded repeats in bounded repeats', '(a{1,10}){1,10}b'],
  ['a fixed count of a varying group', '(?:a{1,10}){10}b'],
  ['bounded repeats in sequence', '[a-z]{1,50}[a-z]{1,50}[a-z]{1,50}x'],
  ['optional characters in sequence', `${'a?'.repeat(25)}${'a'.repeat(25)}`],
  ['optional characters under a count', '(?:a?){30}a{30}'],
  ['alternatives in sequence', `${'(a|a)'.repeat(30)}b`],
  ['back references', '(a+)\\1b'],
  ['no pattern at all', '(a'],
])('%s: %s', (_, pattern) => {
  expect(patternDanger(pattern)).toBeTypeOf('string');
});
