import { z } from 'zod';
import type { ErrorCode } from '../../contracts/errors.ts';

export const portalTags = ['portal'];
/** Anyone who is signed in; whose the conversation is decides the rest. */
export const forPeople = { access: { person: true } } as const;
export const conversationParams = z.object({ id: z.uuid().toLowerCase() });

/** What any route of the portal may answer. */
export const PORTAL_PROBLEMS: ErrorCode[] = [
  'invalid_request',
  'auth_required',
  'unauthenticated',
  'forbidden',
  'tenant_suspended',
  'database_unavailable',
];
