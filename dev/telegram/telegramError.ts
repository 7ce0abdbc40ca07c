/** `parameters` of an unsuccessful answer. */
export interface ErrorParameters {
  retry_after?: number;
  migrate_to_chat_id?: number;
}

/** An answer `{ok: false}`; `description` is Telegram's own text. */
export class TelegramError extends Error {
  readonly code: number;
  readonly parameters: ErrorParameters | undefined;

  constructor(code: number, description: string, parameters?: ErrorParameters) {
    super(description);
    this.code = code;
    this.parameters = parameters;
  }
}

export function badRequest(text: string, parameters?: ErrorParameters): TelegramError {
  return new TelegramError(400, `Bad Request: ${text}`, parameters);
}

export function forbidden(text: string): TelegramError {
  return new TelegramError(403, `Forbidden: ${text}`);
}

export function conflict(text: string): TelegramError {
  return new TelegramError(409, `Conflict: ${text}`);
}

/** @param seconds whole seconds, at least 1 */
export function tooManyRequests(seconds: number): TelegramError {
  return new TelegramError(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });
}
