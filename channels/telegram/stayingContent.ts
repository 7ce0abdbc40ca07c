/** What people can send and a visitor cannot be shown. A venue tells of its location too: it comes first. */
const STAYING = [
  ['venue', 'a place'],
  ['location', 'a location'],
  ['contact', 'a contact'],
  ['poll', 'a poll'],
  ['dice', 'a die'],
  ['checklist', 'a checklist'],
  ['story', 'a story'],
  ['paid_media', 'paid media'],
  ['game', 'a game'],
  ['invoice', 'an invoice'],
  ['giveaway', 'a giveaway'],
] as const;

/** What to tell the agent whose message carries something that is not passed on; undefined for every other message. */
export function contentThatStays(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const [, what] = STAYING.find(([field]) => field in message) ?? [];
  return what && `Not passed on: ${what} cannot be shown to the visitor. Say it in words, or send a picture.`;
}
