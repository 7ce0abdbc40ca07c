import type { Palette } from './palette.ts';

/** Where the views are drawn; `remove` takes everything off the page again. */
export interface Shadow {
  container: HTMLElement;
  remove(): void;
}

interface ShadowOptions {
  styles: string;
  palette: Palette;
  /** For pages whose policy needs one, in browsers that cannot construct style sheets. */
  nonce: string | undefined;
}

/** A host element at the end of the body. Nothing here needs `unsafe-inline`: constructed sheets and CSSOM are exempt. */
export function createShadow({ styles, palette, nonce }: ShadowOptions): Shadow {
  const host = document.createElement('parley-widget');
  const root = host.attachShadow({ mode: 'open' });
  applyStyles(root, styles, nonce);
  host.style.setProperty('--accent', palette.accent);
  host.style.setProperty('--accent-deep', palette.accentDeep);
  host.style.setProperty('--on-accent', palette.onAccent);
  host.style.setProperty('--ink-on-light', palette.inkOnLight);
  host.style.setProperty('--ink-on-dark', palette.inkOnDark);
  const container = document.createElement('div');
  root.append(container);
  document.body.append(host);
  const unwatch = watchVisibleHeight(host);
  return {
    container,
    remove() {
      unwatch();
      host.remove();
    },
  };
}

function applyStyles(root: ShadowRoot, styles: string, nonce: string | undefined): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    root.adoptedStyleSheets = [sheet];
  } catch {
    // Safari before 16.4 has neither the constructor nor the property.
    const element = document.createElement('style');
    if (nonce) element.nonce = nonce;
    element.textContent = styles;
    root.append(element);
  }
}

/** iOS lays the keyboard over fixed elements; only the visual viewport knows what is left. */
function watchVisibleHeight(host: HTMLElement): () => void {
  const viewport = window.visualViewport;
  if (!viewport) return () => {};
  const update = () => host.style.setProperty('--height', `${viewport.height}px`);
  update();
  viewport.addEventListener('resize', update);
  return () => viewport.removeEventListener('resize', update);
}
