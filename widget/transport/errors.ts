/** The server answered "no". `code` is one of contracts/errors.ts, or `unknown` when the answer held none. */
export class RefusedError extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, code: string, retryAfterSeconds?: number) {
    super(`The server refused the request: ${code}`);
    this.name = 'RefusedError';
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No usable answer came: no network, a timeout, or something in between that is not our server. */
export class NetworkError extends Error {
  constructor(cause?: unknown) {
    super('The server could not be reached', { cause });
    this.name = 'NetworkError';
  }
}

const FINAL_CODES = new Set(['site_unknown', 'origin_not_allowed', 'forbidden', 'tenant_suspended', 'session_revoked']);

/** True when trying again cannot help: this page may not use this site. */
export function isFinalRefusal(error: unknown): boolean {
  return error instanceof RefusedError && FINAL_CODES.has(error.code);
}
