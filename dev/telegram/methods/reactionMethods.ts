import type { Method } from '../emulator.ts';
import freeReactions from '../reactions.json' with { type: 'json' };
import type { Reaction } from '../state/telegramTypes.ts';
import { badRequest } from '../telegramError.ts';
import { targetGroup, targetMessage } from './target.ts';

/** How long a press of a button can be answered. */
const callbackLifetimeMs = 15 * 60_000;
const maxCallbackAnswerLength = 200;

/** Whether Telegram takes it as a reaction: of all emoji, only those of its list. */
export function isValidReaction(reaction: Reaction): boolean {
  if (reaction.type === 'custom_emoji') return /^\d+$/.test(reaction.custom_emoji_id);
  return freeReactions.includes(reaction.emoji?.replaceAll('\uFE0F', ''));
}

const setMessageReaction: Method = (call) => {
  const reaction = call.parameters.list<Reaction>('reaction');
  if (!reaction.every(isValidReaction)) throw badRequest('REACTION_INVALID');
  if (reaction.length > 1) throw badRequest('REACTIONS_TOO_MANY');
  const group = targetGroup(call);
  const record = targetMessage(call, group, 'message to react');
  const others = record.reactions.filter(({ userId }) => userId !== call.bot.id);
  const own = reaction.length > 0 ? [{ userId: call.bot.id, reaction }] : [];
  call.store.put('message', { ...record, reactions: [...others, ...own] });
  return true;
};

const answerCallbackQuery: Method = (call) => {
  const query = call.store.get('callback', call.parameters.text('callback_query_id'));
  if (query?.botId !== call.bot.id || query.at < Date.now() - callbackLifetimeMs) {
    throw badRequest('query is too old and response timeout expired or query ID is invalid');
  }
  const text = call.parameters.text('text');
  if (text.length > maxCallbackAnswerLength) throw badRequest('MESSAGE_TOO_LONG');
  call.store.put('callback', { ...query, answer: { text, showAlert: call.parameters.flag('show_alert') } });
  return true;
};

export const reactionMethods: Record<string, Method> = { setMessageReaction, answerCallbackQuery };
