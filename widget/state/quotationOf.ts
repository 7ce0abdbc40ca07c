import type { Author, Message, ReplyTo } from '../../contracts/message.ts';
import { plainTextOf } from './plainTextOf.ts';

/** What a message answers, in short. */
export interface Quotation {
  author: Author;
  text: string;
}

const QUOTE_LENGTH = 140;

/** The answered words, else the names of its files. Undefined when the answered message is not there (any more). */
export function quotationOf({ messageId, quote }: ReplyTo, messages: readonly Message[]): Quotation | undefined {
  const answered = messages.find(({ id }) => id === messageId);
  if (!answered) return undefined;
  const words = quote ?? plainTextOf(answered);
  const text = words || (answered.attachments ?? []).map(({ name }) => name).join(', ');
  return { author: answered.author, text: text.length > QUOTE_LENGTH ? `${text.slice(0, QUOTE_LENGTH)}…` : text };
}
