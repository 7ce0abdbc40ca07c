import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPalette } from '../../../widget/views/palette.ts';

/** WCAG 2.2 relative luminance, written apart from the code under test. */
function luminance(hex: string): number {
  const channel = (from: number) => {
    const value = Number.parseInt(hex.slice(from, from + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

test('every accent stays readable where it is used', () => {
  const accents = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
  fc.assert(
    fc.property(accents, (accent) => {
      const palette = createPalette(accent);
      expect(palette.accent).toBe(accent);
      const pairs = [
        [palette.onAccent, palette.accent],
        [palette.onAccent, palette.accentDeep],
        [palette.inkOnLight, '#ffffff'],
        [palette.inkOnDark, '#171920'],
      ] as const;
      for (const [text, ground] of pairs) expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.45);
    }),
  );
});
