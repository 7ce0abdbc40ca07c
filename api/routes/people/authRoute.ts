import type { ErrorCode } from '../../../contracts/errors.ts';
import { BODY_PROBLEMS } from '../problemResponses.ts';

/** Open to whoever is not signed in yet. */
export const openAuth = { access: 'public', limit: 'ip.auth' } as const;
/** For whoever is signed in. */
export const personAuth = { access: { person: true }, limit: 'ip.auth' } as const;

/** What every route that takes a body may answer. */
export const OPEN_PROBLEMS: ErrorCode[] = [
  ...BODY_PROBLEMS,
  'csrf_refused',
  'database_unavailable',
  'keys_unavailable',
];
export const PERSON_PROBLEMS: ErrorCode[] = [...OPEN_PROBLEMS, 'auth_required', 'unauthenticated', 'forbidden'];
