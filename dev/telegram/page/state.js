const storageKey = 'telegram-emulator';
const saved = JSON.parse(localStorage.getItem(storageKey) ?? '{}');

/** What the page shows, and as whom. */
export const state = {
  group: undefined,
  topics: [],
  messages: [],
  threadId: undefined,
  actorId: saved.actorId,
  /** Messages seen, by agent and topic: `${actorId}/${threadId}` → how many. */
  seen: saved.seen ?? {},
  /** The message that is answered or edited. */
  context: undefined,
};

/** Keeps who writes and what was seen for the next visit. */
export function save() {
  localStorage.setItem(storageKey, JSON.stringify({ actorId: state.actorId, seen: state.seen }));
}
