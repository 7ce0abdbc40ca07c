import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../contracts/audit.ts';
import type { By } from '../../db/queries/audit/insertAudit.ts';
import { plainAddress } from '../edge/plainAddress.ts';
import type { Principal } from './principal.ts';

/** Who did it and by which request, for the audit log. */
export function byRequest({ principal, ip, id }: FastifyRequest): By {
  return { actor: actorOf(principal), ip: plainAddress(ip), requestId: id };
}

function actorOf(principal: Principal): Actor {
  switch (principal.kind) {
    case 'service':
      return { kind: 'service', id: null };
    case 'apiKey':
      return { kind: 'apiKey', id: principal.keyId };
    case 'person':
      return { kind: 'person', id: principal.userId };
  }
}
