import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMarkdown, parsePlain, safeUrl, toPlainText } from '../../../markup/parseMarkdown.ts';

const text = (value: string) => ({ kind: 'text', text: value });

test('reads bold, italic, code, links and line breaks', () => {
  expect(parseMarkdown('a **b** *c* `d`\n[e](https://example.com/x)')).toEqual([
    {
      kind: 'paragraph',
      content: [
        text('a '),
        { kind: 'bold', content: [text('b')] },
        text(' '),
        { kind: 'italic', content: [text('c')] },
        text(' '),
        { kind: 'code', text: 'd' },
        { kind: 'break' },
        { kind: 'link', url: 'https://example.com/x', content: [text('e')] },
      ],
    },
  ]);
});

test('reads struck words and quotes', () => {
  expect(parseMarkdown('> said *so*\n> before\n~~no~~ yes')).toEqual([
    {
      kind: 'quote',
      content: [text('said '), { kind: 'italic', content: [text('so')] }, { kind: 'break' }, text('before')],
    },
    { kind: 'paragraph', content: [{ kind: 'struck', content: [text('no')] }, text(' yes')] },
  ]);
});

test('reads lists and fenced code, also while they stream', () => {
  expect(parseMarkdown('Steps:\n\n3. one\n4. **two**\n\n- x\n```ts\nlet a = *1*;')).toEqual([
    { kind: 'paragraph', content: [text('Steps:')] },
    { kind: 'list', ordered: true, start: 3, items: [[text('one')], [{ kind: 'bold', content: [text('two')] }]] },
    { kind: 'list', ordered: false, start: 1, items: [[text('x')]] },
    { kind: 'code', text: 'let a = *1*;' },
  ]);
});

test('links plain addresses without the sentence’s full stop', () => {
  expect(parsePlain('see https://example.com/a, or (http://example.org).')).toEqual([
    text('see '),
    { kind: 'link', url: 'https://example.com/a', content: [text('example.com/a')] },
    text(', or ('),
    { kind: 'link', url: 'http://example.org/', content: [text('example.org')] },
    text(').'),
  ]);
});

test('allows http and https alone', () => {
  expect(safeUrl('https://example.com')).toBe('https://example.com/');
  for (const url of ['javascript:alert(1)', ' javascript:alert(1)', 'data:text/html,x', 'vbscript:x', '//x', 'x']) {
    expect(safeUrl(url)).toBeUndefined();
    expect(JSON.stringify(parseMarkdown(`[press](${url})`))).not.toContain('"link"');
  }
});

test('loses no words, and takes no time over hostile text', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b ', '*', '**', '~~', '> ', '`', '[', '](', ')', '\n')), (parts) => {
      const letters = (value: string) => value.replace(/[^ab]/g, '');
      const source = parts.join('');
      fc.pre(!source.includes('```') && !source.includes(']('));
      expect(letters(toPlainText(source))).toBe(letters(source));
    }),
  );
  const started = performance.now();
  for (const unit of ['*', '~', '~~a', '>', '**a', '[', '`', '[a](', '**a*', 'https://'])
    parseMarkdown(unit.repeat(8_000 / unit.length));
  expect(performance.now() - started).toBeLessThan(500);
});
