import type { TargetedKeyboardEvent } from 'preact';

/** The panel covers the page, as the style sheet has it for small screens. */
export function isFullScreen(): boolean {
  return window.matchMedia('(max-width: 480px)').matches;
}

/** The buttons to reply are one stop for Tab; Up and Down go from one message's to the next. */
export function moveByArrows(event: TargetedKeyboardEvent<HTMLElement>): void {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('.reply')];
  const from = buttons.findIndex((button) => button === event.target);
  if (step === undefined || from === -1) return;
  event.preventDefault();
  buttons[from + step]?.focus();
}

/** Tab goes round inside the panel while it covers the page. */
export function keepFocusInside(event: TargetedKeyboardEvent<HTMLElement>): void {
  const root = event.currentTarget;
  const stops = [...root.querySelectorAll<HTMLElement>('a[href], button:not(:disabled), textarea')];
  const [first, last] = [stops[0], stops[stops.length - 1]];
  const shadow = root.getRootNode();
  const active = shadow instanceof ShadowRoot ? shadow.activeElement : null;
  const target = event.shiftKey ? last : first;
  const leaving = event.shiftKey ? active === first || active === root : active === last;
  if (!leaving || !target) return;
  event.preventDefault();
  target.focus();
}
