import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMarkerReader, type MarkedEnd } from '../../../activities/ai/answerMarkers.ts';

function read(pieces: string[]): MarkedEnd & { shown: string[] } {
  const reader = createMarkerReader();
  const shown = pieces.map(reader.push);
  const end = reader.end();
  return { ...end, text: shown.join('') + end.text, shown };
}

function cut(text: string, at: number[]): string[] {
  const places = [0, ...at.map((place) => place % (text.length + 1)).sort((a, b) => a - b), text.length];
  return places.slice(1).map((place, index) => text.slice(places[index], place));
}

describe('createMarkerReader', () => {
  it.each([
    ['Two days.\n[[SOURCES: 1, 3]]', { text: 'Two days.', unknown: false, passages: [1, 3] }],
    ['Two days. [[sources: 2]] Or so.', { text: 'Two days. Or so.', unknown: false, passages: [2] }],
    ['[[SOURCES: 1]]\nTwo days.', { text: 'Two days.', unknown: false, passages: [1] }],
    ['Two days.\n[[SOURCES: 1', { text: 'Two days.', unknown: false, passages: [1] }],
    ['Two days.\n[[SOU', { text: 'Two days.', unknown: false, passages: [] }],
    ['Two days.\n[[SOURCES: none]]', { text: 'Two days.', unknown: false, passages: [] }],
    ['[[UNKNOWN]]', { text: '', unknown: true, passages: [] }],
    ['**[[ Unknown ]]**', { unknown: true }],
    ['UNKNOWN', { text: '', unknown: true, passages: [] }],
    ['[UNKNOWN].', { text: '', unknown: true, passages: [] }],
    ['Hm. [[UNKNOWN]]', { unknown: true }],
    ['Unknown devices are signed out.', { text: 'Unknown devices are signed out.', unknown: false, passages: [] }],
    ['42', { text: '42', unknown: false, passages: [] }],
    ['See [the page](/a) and [[1]].', { text: 'See [the page](/a) and [[1]].', unknown: false, passages: [] }],
    ['  Two\n\ndays  ', { text: 'Two\n\ndays', unknown: false, passages: [] }],
  ])('reads %j', (output, expected) => {
    expect(read([output])).toMatchObject(expected);
  });

  it('shows text as soon as it is certain', () => {
    const reader = createMarkerReader();
    expect(reader.push('Hello')).toBe('Hello');
    expect(reader.push(' there [')).toBe(' there');
    expect(reader.push('link](/x)')).toBe(' [link](/x)');
  });

  it('keeps apart what stood around a marker', () => {
    expect(read(['In two [[SOURCES: 1]] days.']).text).toBe('In two days.');
    expect(read(['Two [ \n[[SOURCES: 12 [ unknown']).text).toBe('Two [ [ unknown');
  });

  it('reads the same however the stream is cut, and never shows a marker', () => {
    const word = fc.constantFrom('Two', 'days', '[a]', '[', ']]', '**bold**', 'unknown', '\n', '  ', '1', '😀', 'S');
    const marker = fc.constantFrom(
      '[[SOURCES: 1, 2]]',
      '[[sources:3]]',
      '[[SOURCES: none]]',
      '[[UNKNOWN]]',
      '\n[[SOURCES: 12',
    );
    const output = fc.array(fc.oneof({ weight: 5, arbitrary: word }, { weight: 1, arbitrary: marker }));
    const places = fc.array(fc.nat(), { maxLength: 12 });
    fc.assert(
      fc.property(output, places, (parts, at) => {
        const text = parts.join(' ');
        const whole = read([text]);
        const inPieces = read(cut(text, at));
        expect(inPieces.unknown).toBe(whole.unknown);
        expect(inPieces.passages).toEqual(whole.passages);
        expect(inPieces.text).not.toMatch(/\[\[\s*(unknown|source)/i);
        expect(inPieces.text).toBe(whole.text);
        expect(inPieces.text).toBe(inPieces.text.trim());
      }),
      { numRuns: 2_000 },
    );
  });
});
