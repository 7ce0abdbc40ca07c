import { Telegram } from 'telegraf';
import type { Telegram as ApiMethods, Opts, Update, UserFromGetMe } from 'telegraf/types';
import type { ChannelResult, TopicAddress, TopicChannel, TopicText } from '../port.ts';
import { classifyError } from './classifyError.ts';
import { createConnectionAgent } from './connectionAgent.ts';

export interface TelegramClientOptions {
  token: string;
  /** `https://api.telegram.org`, or the address of a server that speaks the same. */
  apiRoot: string;
  /** Milliseconds that one call may take, long polling's own wait not counted. */
  timeoutMs?: number;
}

/** The methods that belong to the bot as a whole, beside those of its topics. */
export interface TelegramClient extends TopicChannel {
  getMe(): Promise<ChannelResult<UserFromGetMe>>;
  /** Waits up to `waitSeconds`; `offset` confirms every update below it. `signal` ends the wait. */
  getUpdates(offset: number | undefined, waitSeconds: number, signal: AbortSignal): Promise<ChannelResult<Update[]>>;
  deleteWebhook(): Promise<ChannelResult<void>>;
}

/** How long one call of a client made without `timeoutMs` may take. */
export const TELEGRAM_CALL_TIMEOUT_MS = 8_000;

/** Longest topic name, in UTF-16 code units. Source: Bot API, createForumTopic. */
export const MAX_TOPIC_TITLE = 128;

const ALLOWED_UPDATES = ['message', 'my_chat_member'] as const;

type Method = keyof ApiMethods;
type Answer<M extends Method> = ReturnType<ApiMethods[M]>;
type CallOptions = NonNullable<Parameters<Telegram['callApi']>[2]>;

/**
 * A bot's connection to the Bot API. Never retries (the caller knows what a repetition costs), never throws for what the
 * network or Telegram do, and lets the token into no error.
 */
export function createTelegramClient({
  token,
  apiRoot,
  timeoutMs = TELEGRAM_CALL_TIMEOUT_MS,
}: TelegramClientOptions): TelegramClient {
  const telegram = new Telegram(token, { apiRoot, webhookReply: false });
  // Set afterwards: telegraf drops the agent that its constructor is given for plain HTTP.
  telegram.options.agent = createConnectionAgent(apiRoot);

  async function call<M extends Method>(
    method: M,
    payload: Opts<M>,
    limits: { timeoutMs?: number; signal?: AbortSignal } = {},
  ): Promise<ChannelResult<Answer<M> | undefined>> {
    const deadline = AbortSignal.timeout(limits.timeoutMs ?? timeoutMs);
    const signal = limits.signal ? AbortSignal.any([deadline, limits.signal]) : deadline;
    try {
      // telegraf's type names a shim's AbortSignal; its HTTP client takes the platform's.
      return { ok: true, value: await telegram.callApi(method, payload, { signal } as CallOptions) };
    } catch (error) {
      const failure = classifyError(error);
      return failure.kind === 'not_modified' ? { ok: true, value: undefined } : { ok: false, failure };
    }
  }

  /** For methods whose answer is `True`, or nothing when there was nothing to change. */
  async function perform<M extends Method>(method: M, payload: Opts<M>): Promise<ChannelResult<void>> {
    const result = await call(method, payload);
    return result.ok ? { ok: true, value: undefined } : result;
  }

  return {
    async createTopic(chatId, title) {
      const result = await call('createForumTopic', { chat_id: chatId, name: title });
      return mapValue(result, (topic) => ({ threadId: String(topic.message_thread_id) }));
    },
    async send(topic, content, silent) {
      const result = await call('sendMessage', {
        ...topicFields(topic),
        ...textFields(content),
        disable_notification: silent,
        link_preview_options: { is_disabled: true },
      });
      return mapValue(result, (message) => ({ messageId: String(message.message_id) }));
    },
    renameTopic: (topic, title) => perform('editForumTopic', { ...topicFields(topic), name: title }),
    closeTopic: (topic) => perform('closeForumTopic', topicFields(topic)),
    reopenTopic: (topic) => perform('reopenForumTopic', topicFields(topic)),
    deleteTopic: (topic) => perform('deleteForumTopic', topicFields(topic)),
    async answers() {
      const result = await call('getMe', {});
      return result.ok || !isNetworkFailure(result.failure.kind);
    },
    async getMe() {
      return mapValue(await call('getMe', {}), (me) => me);
    },
    async getUpdates(offset, waitSeconds, signal) {
      const payload = { offset, timeout: waitSeconds, allowed_updates: ALLOWED_UPDATES };
      const result = await call('getUpdates', payload, { timeoutMs: waitSeconds * 1_000 + timeoutMs, signal });
      return mapValue(result, (updates) => updates);
    },
    deleteWebhook: () => perform('deleteWebhook', {}),
  };
}

function isNetworkFailure(kind: string): boolean {
  return kind === 'unavailable' || kind === 'unknown_outcome';
}

function topicFields({ chatId, threadId }: TopicAddress) {
  return { chat_id: chatId, message_thread_id: Number(threadId) };
}

function textFields({ text, bold }: TopicText) {
  return { text, entities: bold.map(({ offset, length }) => ({ type: 'bold' as const, offset, length })) };
}

/** An answer without a result where one is due was carried out, but cannot be used. */
function mapValue<T, R>(result: ChannelResult<T | undefined>, map: (value: T) => R): ChannelResult<R> {
  if (!result.ok) return result;
  if (result.value !== undefined) return { ok: true, value: map(result.value) };
  return { ok: false, failure: { kind: 'unknown_outcome', description: 'answer without a result' } };
}
