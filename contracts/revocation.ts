import type { ErrorCode } from './errors.ts';

/** Whose access may have ended: one conversation's (erased, or its session revoked), or a whole tenant's (suspended). */
export interface Revocation {
  tenantId: string;
  conversationId?: string;
}

/** Why a visitor is let in no more. */
export type RevocationCode = Extract<ErrorCode, 'conversation_not_found' | 'session_revoked' | 'tenant_suspended'>;
