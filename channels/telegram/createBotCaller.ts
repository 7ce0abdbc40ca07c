import { Telegram } from 'telegraf';
import type { Telegram as ApiMethods, Opts } from 'telegraf/types';
import type { ChannelResult } from '../port.ts';
import { classifyError } from './classifyError.ts';
import { createConnectionAgent } from './connectionAgent.ts';

export interface TelegramClientOptions {
  token: string;
  /** `https://api.telegram.org`, or the address of a server that speaks the same. */
  apiRoot: string;
  /** Milliseconds that one call may take, long polling's own wait not counted. */
  timeoutMs?: number;
}

/** How long one call of a client made without `timeoutMs` may take. */
export const TELEGRAM_CALL_TIMEOUT_MS = 8_000;

type Method = keyof ApiMethods;
type Answer<M extends Method> = ReturnType<ApiMethods[M]>;
type CallOptions = NonNullable<Parameters<Telegram['callApi']>[2]>;

/** Calls methods of the Bot API with one bot's token. */
export interface BotCaller {
  /** The method's answer; none when there was nothing to change. */
  call<M extends Method>(
    method: M,
    payload: Opts<M>,
    limits?: { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<ChannelResult<Answer<M> | undefined>>;
  /** For methods whose answer is `True`, or nothing when there was nothing to change. */
  perform<M extends Method>(method: M, payload: Opts<M>): Promise<ChannelResult<void>>;
}

/**
 * A bot's connection to the Bot API. Never retries (the caller knows what a repetition costs), never throws for what the
 * network or Telegram do, and lets the token into no error.
 */
export function createBotCaller({
  token,
  apiRoot,
  timeoutMs = TELEGRAM_CALL_TIMEOUT_MS,
}: TelegramClientOptions): BotCaller {
  const telegram = new Telegram(token, { apiRoot, webhookReply: false });
  // Set afterwards: telegraf drops the agent that its constructor is given for plain HTTP.
  telegram.options.agent = createConnectionAgent(apiRoot);

  const caller: BotCaller = {
    async call(method, payload, limits = {}) {
      const deadline = AbortSignal.timeout(limits.timeoutMs ?? timeoutMs);
      const signal = limits.signal ? AbortSignal.any([deadline, limits.signal]) : deadline;
      try {
        // telegraf's type names a shim's AbortSignal; its HTTP client takes the platform's.
        return { ok: true, value: await telegram.callApi(method, payload, { signal } as CallOptions) };
      } catch (error) {
        const failure = classifyError(error);
        return failure.kind === 'not_modified' ? { ok: true, value: undefined } : { ok: false, failure };
      }
    },
    async perform(method, payload) {
      const result = await caller.call(method, payload);
      return result.ok ? { ok: true, value: undefined } : result;
    },
  };
  return caller;
}

/** An answer without a result where one is due was carried out, but cannot be used. */
export function mapValue<T, R>(result: ChannelResult<T | undefined>, map: (value: T) => R): ChannelResult<R> {
  if (!result.ok) return result;
  if (result.value !== undefined) return { ok: true, value: map(result.value) };
  return { ok: false, failure: { kind: 'unknown_outcome', description: 'answer without a result' } };
}
