import type { ErrorCode } from '../../contracts/errors.ts';

/** What any route with a conversation token may answer. */
export const VISITOR_PROBLEMS: ErrorCode[] = [
  'auth_required',
  'token_invalid',
  'token_expired',
  'origin_not_allowed',
  'site_unknown',
  'tenant_suspended',
  'session_revoked',
  'conversation_not_found',
  'database_unavailable',
  'keys_unavailable',
];
