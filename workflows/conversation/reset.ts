import { type InboxItem, isAwaited } from './state.ts';

/**
 * Takes the last reset out of the inbox with all that came before it, which was to be deleted and is now not even recorded.
 * Returns the keys of what is done thereby.
 */
export function takeResets(inbox: InboxItem[]): string[] {
  const last = inbox.findLastIndex(({ kind }) => kind === 'reset');
  return inbox.splice(0, last + 1).flatMap((item) => (isAwaited(item) ? [item.key] : []));
}
