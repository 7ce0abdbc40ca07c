import type { RecordTurnInput } from '../contracts/activities.ts';
import type { Db } from '../db/createDb.ts';
import { findKnownMessages } from '../db/queries/findKnownMessages.ts';

/**
 * The turn without answers to what is not a message of the conversation (any more): a visitor's client names what it likes, and
 * its queue may outlive what was said. Asks nobody where nothing is answered, as in most turns.
 */
export async function withKnownAnswers(db: Db, turn: RecordTurnInput): Promise<RecordTurnInput> {
  const answered = turn.messages.flatMap(({ replyTo }) => (replyTo ? [replyTo.messageId] : []));
  if (answered.length === 0) return turn;
  const known = await findKnownMessages(db, turn, answered);
  for (const { id } of turn.messages) known.add(id);
  const messages = turn.messages.map(({ replyTo, ...message }) =>
    replyTo && known.has(replyTo.messageId) ? { ...message, replyTo } : message,
  );
  return { ...turn, messages };
}
