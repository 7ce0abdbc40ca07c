import { describe, expect, it } from 'vitest';
import type { TelegramEntity } from '../../../dev/telegram/state/telegramTypes.ts';
import { formatText } from '../../../dev/telegram/text/formatText.ts';

function shown(source: string, mode: string): { text: string; entities: string[] } {
  const { text, entities } = formatText(source, mode, [], 'text');
  const show = ({ type, offset, length, url, language }: TelegramEntity) =>
    [type, text.slice(offset, offset + length), url ?? language].filter((part) => part !== undefined).join('|');
  return { text, entities: entities.map(show) };
}

function reason(source: string, mode: string): string {
  try {
    formatText(source, mode, [], 'text');
  } catch (error) {
    return (error as Error).message.replace("Bad Request: can't parse entities: ", '');
  }
  return '';
}

describe('HTML', () => {
  it.each([
    ['<b>a <i>b</i></b> &lt;c&gt; &amp;&quot; &#8364;', 'a b <c> &" €', ['bold|a b', 'italic|b']],
    ['<a href="https://x.example/?a=1&amp;b=2">here</a>', 'here', ['text_link|here|https://x.example/?a=1&b=2']],
    ['<pre><code class="language-ts">let a</code></pre>', 'let a', ['pre|let a|ts']],
    ['<code>/not_a_command</code> /start', '/not_a_command /start', ['code|/not_a_command', 'bot_command|/start']],
    ['<blockquote expandable>q</blockquote>', 'q', ['expandable_blockquote|q']],
    ['<tg-spoiler>s</tg-spoiler><span class="tg-spoiler">t</span>', 'st', ['spoiler|s', 'spoiler|t']],
    ['😀<u>ü</u> &nbsp;', '😀ü &nbsp;', ['underline|ü']],
  ])('%s', (source, text, entities) => {
    expect(shown(source, 'HTML')).toEqual({ text, entities });
  });

  it.each([
    ['<b>open', 'Can\'t find end tag corresponding to start tag "b"'],
    ['a <div>', 'Unsupported start tag "div" at byte offset 2'],
    ['ü</b>', 'Unexpected end tag at byte offset 2'],
    ['<b><i>x</b>', 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'],
    ['1 < 2', 'Unclosed start tag at byte offset 2'],
  ])('refuses %s', (source, expected) => {
    expect(reason(source, 'HTML')).toBe(expected);
  });
});

describe('MarkdownV2', () => {
  it.each([
    ['*a _b_*', 'a b', ['bold|a b', 'italic|b']],
    ['__u__ ~s~ ||p||', 'u s p', ['underline|u', 'strikethrough|s', 'spoiler|p']],
    ['`a*b` ```ts\nlet a\n```', 'a*b let a\n', ['code|a*b', 'pre|let a\n|ts']],
    ['[here](https://x.example/a\\)b) 1\\.', 'here 1.', ['text_link|here|https://x.example/a)b']],
    ['>one\n>two\nthree', 'one\ntwo\nthree', ['blockquote|one\ntwo']],
  ])('%s', (source, text, entities) => {
    const trimmed = { text: text.trim(), entities: entities.map((entity) => entity.replace('\n|ts', '|ts')) };
    expect(shown(source, 'MarkdownV2')).toEqual(trimmed);
  });

  it.each([
    ['1.', "Character '.' is reserved and must be escaped with the preceding '\\'"],
    ['(a)', "Character '(' is reserved and must be escaped with the preceding '\\'"],
    ['ü *a', "Can't find end of Bold entity at byte offset 3"],
    ['`a', "Can't find end of Code entity at byte offset 0"],
  ])('refuses %s', (source, expected) => {
    expect(reason(source, 'MarkdownV2')).toBe(expected);
  });
});

it('finds addresses, mentions and tags by itself', () => {
  const { entities } = shown('Ask @agent_a or a@b.example, see www.x.example. #bill', '');
  expect(entities).toEqual(['mention|@agent_a', 'email|a@b.example', 'url|www.x.example', 'hashtag|#bill']);
});
