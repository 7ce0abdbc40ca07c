import { z } from 'zod';
import type { Agent } from '../../contracts/conversation.ts';
import { parseCommand, type TopicOrder } from './parseCommand.ts';

/** A button below one of our messages was pressed: the same as the order written in the topic. */
export interface ButtonPress {
  chatId: string;
  threadId: string;
  key: string;
  /** The person, also where the person writes in the group's name. */
  agent: Agent;
  /** Telegram's id of the person. */
  userId: string;
  /** Telegram waits for an answer to it. */
  queryId: string;
  /** The bot whose message it is: only it may answer. */
  botId: string;
  order: TopicOrder;
}

const querySchema = z.object({ id: z.string() });

const pressSchema = z.object({
  id: z.string(),
  from: z.object({ id: z.number(), first_name: z.string(), last_name: z.string().optional() }),
  data: z.string(),
  message: z.object({
    message_thread_id: z.number(),
    chat: z.object({ id: z.number() }),
    from: z.object({ id: z.number() }),
  }),
});

/**
 * What a press asks for. Only its `queryId` where nothing can come of it: a button that is none of ours any more, or below a
 * message that Telegram does not show the bot (`InaccessibleMessage`). Undefined for rubbish.
 */
export function parsePress(query: unknown): ButtonPress | { queryId: string } | undefined {
  const parsed = pressSchema.safeParse(query).data;
  const order = parsed && parseCommand(parsed.data, Date.now())?.order;
  if (!parsed || !order) {
    const known = querySchema.safeParse(query).data;
    return known && { queryId: known.id };
  }
  const { id, from, message } = parsed;
  return {
    chatId: String(message.chat.id),
    threadId: String(message.message_thread_id),
    key: `tg:press:${id}`,
    agent: { id: `telegram:${from.id}`, name: [from.first_name, from.last_name].filter(Boolean).join(' ') },
    userId: String(from.id),
    queryId: id,
    botId: String(message.from.id),
    order,
  };
}
