/** Colours that follow from a site's accent, each readable (contrast of at least 4.5) where it is used. */
export interface Palette {
  accent: string;
  /** Darker end of the header's gradient. */
  accentDeep: string;
  /** Text on the accent. */
  onAccent: string;
  /** Accent-coloured text on the light and on the dark panel. */
  inkOnLight: string;
  inkOnDark: string;
}

type Rgb = readonly [number, number, number];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
const DARK_PANEL: Rgb = [23, 25, 32];
/** WCAG 2.2, 1.4.3 (AA). */
const READABLE = 4.5;

/** `accent` is `#rrggbb`. */
export function createPalette(accent: string): Palette {
  const base = parseHex(accent);
  const onAccent = contrast(base, WHITE) >= READABLE ? WHITE : BLACK;
  return {
    accent: toHex(base),
    accentDeep: toHex(mix(base, onAccent === WHITE ? BLACK : WHITE, 0.22)),
    onAccent: toHex(onAccent),
    inkOnLight: toHex(readableOn(WHITE, base, BLACK)),
    inkOnDark: toHex(readableOn(DARK_PANEL, base, WHITE)),
  };
}

function parseHex(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function toHex(rgb: Rgb): string {
  return `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const part = (index: 0 | 1 | 2) => from[index] + (to[index] - from[index]) * share;
  return [part(0), part(1), part(2)];
}

/** The colour nearest to `colour` on the way to `towards` that can be read on `background`. */
function readableOn(background: Rgb, colour: Rgb, towards: Rgb): Rgb {
  for (let share = 0; share < 1; share += 0.05) {
    const candidate = mix(colour, towards, share);
    if (contrast(candidate, background) >= READABLE) return candidate;
  }
  return towards;
}

/** WCAG contrast ratio, 1 to 21. */
function contrast(a: Rgb, b: Rgb): number {
  const [lighter, darker] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
