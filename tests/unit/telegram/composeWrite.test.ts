import { describe, expect, it } from 'vitest';
import { composeWrite, POSSIBLE_REPEAT, type TopicEntry } from '../../../activities/delivery/composeWrite.ts';

const entry = (key: string, body: string, more: Partial<TopicEntry> = {}): TopicEntry => ({
  key,
  heading: '🧑 Visitor',
  body: { text: body, entities: [] },
  silent: true,
  repeat: false,
  partsSent: 0,
  alone: false,
  bare: false,
  ...more,
});

describe('composeWrite', () => {
  it('marks headings bold where they stand', () => {
    const { content } = composeWrite([entry('a', 'one'), entry('b', 'two', { heading: '🤖 Bot' })]);
    expect(content.text).toBe('🧑 Visitor: one\n🤖 Bot: two');
    expect(content.entities.map(({ offset, length }) => content.text.slice(offset, offset + length))).toEqual([
      '🧑 Visitor:',
      '🤖 Bot:',
    ]);
  });

  it('makes a sound when one of its rows does', () => {
    expect(composeWrite([entry('a', 'one'), entry('b', 'two')]).silent).toBe(true);
    expect(composeWrite([entry('a', 'one'), entry('b', 'two', { silent: false })]).silent).toBe(false);
  });

  it('never mixes repetitions with what is new', () => {
    const rows = [entry('a', 'one', { repeat: true }), entry('b', 'two', { repeat: true }), entry('c', 'three')];
    expect(composeWrite(rows)).toMatchObject({
      content: { text: `${POSSIBLE_REPEAT}\n🧑 Visitor: one\ntwo` },
      complete: ['a', 'b'],
    });
  });

  it('sends a row alone that was refused together with others', () => {
    const rows = [entry('a', 'one'), entry('b', 'two', { alone: true }), entry('c', 'three')];
    expect(composeWrite(rows).complete).toEqual(['a']);
    expect(composeWrite(rows.slice(1)).complete).toEqual(['b']);
  });

  it('counts the parts of a long row, the same ones at every attempt', () => {
    const long = entry('long', 'word '.repeat(2_000).trimEnd(), { heading: '🧑 Noor' });
    const writes = [];
    for (let partsSent = 0; ; ) {
      const write = composeWrite([{ ...long, partsSent }, entry('next', 'after', { heading: '🧑 Noor' })]);
      writes.push(write);
      expect(write.content.text.length).toBeLessThanOrEqual(4_096);
      if (!write.partial) break;
      partsSent = write.partial.partsSent;
    }
    expect(writes.map(({ content }) => content.text.slice(0, 15))).toEqual([
      '🧑 Noor (1/3): ',
      '🧑 Noor (2/3): ',
      '🧑 Noor (3/3): ',
    ]);
    expect(writes.at(-1)).toMatchObject({ complete: ['long', 'next'] });
    const words = writes.flatMap(({ content }) => content.text.match(/\bword\b/g) ?? []);
    expect(words).toHaveLength(2_000);
  });

  it('fits the longest preface, mark and name above a long text', () => {
    const write = composeWrite(
      [entry('a', 'x'.repeat(8_000), { heading: `🧑 ${'n'.repeat(200)}`, repeat: true })],
      'p'.repeat(900),
    );
    expect(write.content.text.length).toBeLessThanOrEqual(4_096);
    expect(write.partial).toEqual({ key: 'a', partsSent: 1 });
  });
});
