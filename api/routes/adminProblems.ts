import type { ErrorCode } from '../../contracts/errors.ts';

/** What any route for keys and people may answer before its own work begins. */
export const ADMIN_PROBLEMS: ErrorCode[] = [
  'invalid_request',
  'auth_required',
  'unauthenticated',
  'forbidden',
  'tenant_suspended',
  'database_unavailable',
  'keys_unavailable',
];
