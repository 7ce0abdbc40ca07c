import { TelegramError } from 'telegraf';
import type { ChannelFailure, ParkReason } from '../port.ts';
import { NOT_CONNECTED } from './connectionAgent.ts';

/** Nothing to change: what was asked for is already so. */
export type ClassifiedError = ChannelFailure | { kind: 'not_modified' };

/** Used when a 429 came without `retry_after`; Telegram's shortest seen is 3 s. */
const DEFAULT_RETRY_AFTER_SECONDS = 3;

const DESCRIPTIONS: readonly [pattern: RegExp, meaning: ClassifiedError][] = [
  [/not_modified|message is not modified/i, { kind: 'not_modified' }],
  [/message thread not found|topic_id_invalid|topic_deleted/i, { kind: 'topic_gone' }],
  [/message to (edit|pin|react) not found|message_id_invalid|message can't be edited/i, { kind: 'message_gone' }],
  [/topic_closed/i, { kind: 'topic_closed' }],
  // Members may be forbidden pictures or voice messages, and still write; what is refused so may pass in another way.
  [
    /chat_send_(?!plain_)\w+_forbidden|not enough rights to send (animation|audio|document|photo|sticker|video|voice)/i,
    { kind: 'rejected', description: 'media forbidden' },
  ],
  [/not enough rights|have no rights|admin_required|need administrator rights/i, parked('rights_missing')],
  [/chat_write_forbidden|chat_restricted|chat_send_plain_forbidden|user_banned_in_channel/i, parked('rights_missing')],
  [/chat is not a forum/i, parked('not_a_forum')],
  [
    /chat not found|group chat was deactivated|group is deactivated|channel_private|channel_invalid/i,
    parked('group_gone'),
  ],
];

/**
 * What an error of the Bot API client means. "Telegram said no" comes with an `error_code` (README: the table of answers);
 * everything else is the network's doing. Never carries a URL: it holds the bot's token.
 */
export function classifyError(error: unknown): ClassifiedError {
  return error instanceof TelegramError ? classifyAnswer(error) : classifyNetworkError(error);
}

function classifyAnswer(error: TelegramError): ClassifiedError {
  const { code, description, parameters } = error;
  if (code === 429) {
    return { kind: 'throttled', retryAfterMs: (parameters?.retry_after ?? DEFAULT_RETRY_AFTER_SECONDS) * 1_000 };
  }
  // A gateway gave up waiting for a request that it had passed on.
  if (code === 504) return { kind: 'unknown_outcome', description: 'gateway timeout' };
  if (code >= 500) return { kind: 'unavailable', description: `status ${code}` };
  if (parameters?.migrate_to_chat_id) return { kind: 'migrated', chatId: String(parameters.migrate_to_chat_id) };
  const known = DESCRIPTIONS.find(([pattern]) => pattern.test(description));
  if (known) return known[1];
  // 404 is the Bot API's answer to a token that it cannot parse.
  if (code === 401 || code === 404) return parked('token_revoked');
  if (code === 403) return parked('kicked');
  if (code === 409) return { kind: 'unavailable', description: 'conflict' };
  return { kind: 'rejected', description };
}

function classifyNetworkError(error: unknown): ChannelFailure {
  const { code, name, type } = describe(error);
  if (code === NOT_CONNECTED) return { kind: 'unavailable', description: 'not connected' };
  return { kind: 'unknown_outcome', description: code ?? type ?? name };
}

/** Identifiers only; messages of the HTTP client quote the URL. */
function describe(error: unknown): { code?: string; name: string; type?: string } {
  if (!(error instanceof Error)) return { name: 'unknown' };
  const word = (key: string) => {
    const value: unknown = Reflect.get(error, key);
    return typeof value === 'string' ? value : undefined;
  };
  return { code: word('code'), name: error.name, type: word('type') };
}

function parked(reason: ParkReason): ClassifiedError {
  return { kind: 'parked', reason };
}
