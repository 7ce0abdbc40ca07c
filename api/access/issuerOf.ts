import type { Issuer } from '../../db/queries/access/boundsOf.ts';
import type { Principal } from './principal.ts';

/** Who answers for the access that a request gives somebody else. */
export function issuerOf(principal: Principal): Issuer {
  if (principal.kind === 'apiKey') return { kind: 'apiKey', keyId: principal.keyId };
  if (principal.kind === 'service' || principal.platformAdmin) return { kind: 'installation' };
  return { kind: 'member', userId: principal.userId };
}
