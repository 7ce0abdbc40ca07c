/**
 * Every code that a client can meet, with its HTTP status. Codes are stable: clients branch on them.
 * WebSocket `error` frames carry the same codes.
 */
export const ERROR_STATUS = {
  invalid_request: 400,
  invalid_json: 400,
  unknown_frame_type: 400,
  message_empty: 400,
  message_too_long: 400,
  file_empty: 400,
  reset_invalid: 400,
  invalid_flow: 422,
  bot_token_refused: 422,
  group_refused: 422,
  payload_unreadable: 422,
  unauthenticated: 401,
  auth_required: 401,
  auth_timeout: 401,
  token_invalid: 401,
  token_expired: 401,
  token_used: 401,
  challenge_invalid: 401,
  challenge_expired: 401,
  challenge_used: 401,
  identity_required: 401,
  identity_invalid: 401,
  identity_expired: 401,
  session_revoked: 401,
  credentials_invalid: 401,
  second_factor_invalid: 401,
  oidc_refused: 401,
  oidc_expired: 401,
  forbidden: 403,
  csrf_refused: 403,
  password_wrong: 403,
  email_unverified: 403,
  origin_not_allowed: 403,
  tenant_suspended: 403,
  pow_required: 403,
  pow_invalid: 403,
  not_found: 404,
  site_unknown: 404,
  conversation_not_found: 404,
  agent_unknown: 404,
  file_unknown: 404,
  invitation_invalid: 404,
  method_not_allowed: 405,
  conflict: 409,
  last_admin: 409,
  account_exists: 409,
  second_factor_on: 409,
  second_factor_off: 409,
  conversation_closed: 409,
  conversation_open: 409,
  group_taken: 409,
  bot_taken: 409,
  agent_disabled: 409,
  ai_disabled: 409,
  already_claimed: 409,
  no_topic: 409,
  webhook_disabled: 409,
  payload_too_large: 413,
  file_too_large: 413,
  file_quota_exceeded: 413,
  unsupported_media_type: 415,
  file_type_refused: 415,
  upgrade_required: 426,
  rate_limited: 429,
  internal: 500,
  engine_unavailable: 503,
  database_unavailable: 503,
  identity_unavailable: 503,
  keys_unavailable: 503,
  storage_unavailable: 503,
  oidc_unavailable: 503,
  mail_unavailable: 503,
  telegram_unavailable: 503,
  topic_unknown: 503,
  shutting_down: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** What is wrong where, for 400 and 422: `path` is a JSON pointer, e.g. `/steps/menu/options/0/next`. */
export interface ErrorDetail {
  path: string;
  message: string;
}

/**
 * An error that a client may see. `message` is safe to show: it never holds message text, tokens or personal data.
 * `retryAfterSeconds` becomes Retry-After (HTTP) or `retryAfter` (socket).
 */
export class CodedError extends Error {
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;
  readonly details: readonly ErrorDetail[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { retryAfterSeconds?: number; details?: readonly ErrorDetail[]; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CodedError';
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.details = options.details ?? [];
  }

  /** The HTTP status of this error's code. */
  get status(): number {
    return ERROR_STATUS[this.code];
  }
}
