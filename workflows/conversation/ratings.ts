import type { Rating } from '../../contracts/conversation.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { addEvent, type Context, tellTopic } from './turn.ts';

/**
 * The visitor says how the closed conversation was: once for each closing, what comes again changes nothing. The conversation
 * stays as it is, its retention included.
 */
export function onRating(context: Context, { rating }: Rating): ErrorCode | null {
  const { closing } = context.state;
  if (!closing) return 'conversation_open';
  if (closing.rating !== undefined) return null;
  closing.rating = rating;
  const cause = `rating/${closing.cause}`;
  addEvent(context, 'conversation.rated', cause, { rating });
  tellTopic(context, cause, `The visitor rated this conversation ${rating} of 5`);
  context.turn.frames.push({ type: 'rated', rating });
  return null;
}
