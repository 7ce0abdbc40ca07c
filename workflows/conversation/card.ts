import type { ConversationState } from './state.ts';
import { addTopicEffect, type Context } from './turn.ts';

/** What of the state the topic's card and name show, as one word to compare. */
export function cardOf(state: ConversationState): string {
  const { topicWanted, status, owner, claimedBy, title, snoozedUntil } = state;
  return JSON.stringify([topicWanted, status, owner, claimedBy?.id, title, snoozedUntil]);
}

/** What is known of the visitor changed: the card shows it. */
export function onVisitorChanged({ turn }: Context): void {
  turn.cardChanged = true;
}

/** Has the card brought up to date when the turn changed what it shows since `before`; it is written from the database. */
export function refreshCard(context: Context, before: string): void {
  const after = cardOf(context.state);
  if (after === before && !context.turn.cardChanged && context.turn.notes.length === 0) return;
  const cause = `card/${context.state.turn}/${after}`;
  addTopicEffect(context, cause, { kind: 'card' });
}
