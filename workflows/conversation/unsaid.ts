import type { ConversationState } from './state.ts';

/** Whoever edits an older one is not answered. */
const REMEMBERED = 50;

/** Notes what stands in the topic under this key as something that the visitor never gets: a note, a command. */
export function rememberUnsaid(state: ConversationState, key: string): void {
  state.unsaid = [...(state.unsaid ?? []), key].slice(-REMEMBERED);
}

/** Whether the visitor never gets what stands under this key, as far as it is remembered. */
export function isUnsaid({ unsaid = [], held }: ConversationState, key: string): boolean {
  return unsaid.includes(key) || held.some((part) => part.key === key && (part.internal ?? part.refusedFor));
}
