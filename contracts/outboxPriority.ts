/**
 * Who goes first while a group's budget of writes is short; lower is more urgent. `urgent`: hand-overs, notices that make a
 * sound, and the creation of a topic. `reply`: what people say. `bot`: what the bot says, mirrored. `card` and `reaction` are
 * looks: they never go before words, are merged, and reactions that got old are dropped.
 */
export const OUTBOX_PRIORITY = { urgent: 0, reply: 1, bot: 2, card: 3, reaction: 4 } as const;

export type OutboxPriority = (typeof OUTBOX_PRIORITY)[keyof typeof OUTBOX_PRIORITY];
