import { FLOW_LIMITS } from '../../contracts/flowLimits.ts';
import { cutText } from './cutText.ts';
import type { FlowValue } from './types.ts';

/** `{{name}}`, or `{{name|what to say when it is empty}}`. */
const PLACEHOLDER = /\{\{\s*([A-Za-z]\w*)\s*(?:\|([^{}]*))?\}\}/g;

/** Fills a text's placeholders; a variable that is null or blank shows its fallback, else nothing. */
export function renderText(text: string, values: Record<string, FlowValue>): string {
  const filled = text.replace(PLACEHOLDER, (_, name: string, fallback: string | undefined) => {
    const value = Object.hasOwn(values, name) ? values[name] : null;
    const shown = value === null || value === undefined ? '' : String(value);
    return shown.trim() === '' ? (fallback ?? '').trim() : shown;
  });
  return cutText(filled, FLOW_LIMITS.replyLength).trim();
}

/** Names that a text's placeholders refer to. */
export function placeholderNames(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap((match) => match[1] ?? []);
}
