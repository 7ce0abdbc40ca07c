import { ApplicationFailure } from '@temporalio/common';
import {
  APICallError,
  InvalidResponseDataError,
  JSONParseError,
  NoOutputGeneratedError,
  TypeValidationError,
} from 'ai';
import { retryAfterMs } from '../../channels/retryAfterMs.ts';

/** Stable types of the failures of `answerWithAi`; a workflow may branch on them. */
export const AI_FAILURE = {
  /** The provider refused: key, rights, model, request or quota are wrong. Trying again is of no use. */
  refused: 'AiRefused',
  /** 429; `nextRetryDelay` is what the provider asked for. */
  rateLimited: 'AiRateLimited',
  /** The provider answered that it cannot now (408, 409, 5xx, an error inside the stream). */
  unavailable: 'AiUnavailable',
  /** The network failed: no connection, or it broke while the answer streamed. */
  unreachable: 'AiUnreachable',
  /** Connected, but silent for too long. */
  timedOut: 'AiTimedOut',
  /** What came is not an answer: not the protocol, no finish, no text, or far too much of it. */
  invalidResponse: 'AiInvalidResponse',
  /** The knowledge base or the transcript could not be read. */
  contextUnavailable: 'AiContextUnavailable',
} as const;

export type AiFailureType = (typeof AI_FAILURE)[keyof typeof AI_FAILURE];

// A visitor waits: who asks for more than this is as good as down, and the retry policy's own limits apply.
const LONGEST_RETRY_DELAY_MS = 5 * 60_000;
// OpenAI answers 429 to an account that has no money left, too.
const HOPELESS_CODES = new Set(['insufficient_quota', 'billing_not_active', 'account_deactivated']);

/**
 * An `ApplicationFailure` of one of {@link AI_FAILURE}. It ends up in workflow history and logs, so it takes words of ours
 * only: what a provider or a driver says may quote the prompt or the key, hence no `cause` either.
 */
export function aiFailure(
  type: AiFailureType,
  message: string,
  options: { nonRetryable?: boolean; nextRetryDelay?: number } = {},
): ApplicationFailure {
  return ApplicationFailure.create({ type, message, ...options });
}

/** Turns whatever `ai` throws or streams as an error into the failure that it means. */
export function toAiFailure(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  if (APICallError.isInstance(error)) return fromApiCall(error);
  if (
    InvalidResponseDataError.isInstance(error) ||
    JSONParseError.isInstance(error) ||
    TypeValidationError.isInstance(error) ||
    NoOutputGeneratedError.isInstance(error)
  ) {
    return aiFailure(AI_FAILURE.invalidResponse, 'The AI provider did not keep to the protocol.');
  }
  if (error instanceof Error) {
    return aiFailure(AI_FAILURE.unreachable, 'The connection to the AI provider failed.');
  }
  return fromStreamedError(error);
}

function fromApiCall(error: APICallError): ApplicationFailure {
  const { statusCode: status } = error;
  if (status === undefined) return aiFailure(AI_FAILURE.unreachable, 'The AI provider cannot be reached.');
  if (status === 429 && !isHopeless(error.data)) {
    const delay = retryAfterMs(error.responseHeaders ?? {}, Date.now());
    return aiFailure(AI_FAILURE.rateLimited, 'The AI provider limits our rate (429).', {
      ...(delay !== undefined && { nextRetryDelay: Math.min(delay, LONGEST_RETRY_DELAY_MS) }),
    });
  }
  if (status < 400) return fromBrokenAnswer(error);
  if (status === 408 || status === 409 || status >= 500) {
    return aiFailure(AI_FAILURE.unavailable, `The AI provider is not available (${status}).`);
  }
  return aiFailure(AI_FAILURE.refused, `The AI provider refused the request (${status}).`, { nonRetryable: true });
}

/** The answer had begun well. What `ai` calls retryable then is a connection that broke. */
function fromBrokenAnswer({ isRetryable }: APICallError): ApplicationFailure {
  return isRetryable
    ? aiFailure(AI_FAILURE.unreachable, 'The connection to the AI provider broke.')
    : aiFailure(AI_FAILURE.invalidResponse, 'The AI provider did not keep to the protocol.');
}

/** `{message, type, code}` in place of a chunk. */
function fromStreamedError(error: unknown): ApplicationFailure {
  if (isHopeless({ error })) {
    return aiFailure(AI_FAILURE.refused, 'The AI provider refused to go on.', { nonRetryable: true });
  }
  return aiFailure(AI_FAILURE.unavailable, 'The AI provider broke its answer off.');
}

function isHopeless(body: unknown): boolean {
  const code = field(field(body, 'error'), 'code');
  return typeof code === 'string' && HOPELESS_CODES.has(code);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
