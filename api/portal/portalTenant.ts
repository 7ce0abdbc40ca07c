import { CodedError } from '../../contracts/errors.ts';
import { type PersonPrincipal, roleIn } from '../access/principal.ts';
import type { Rights } from '../access/rights.ts';

/**
 * The tenant whose portal the person means. Throws `forbidden`, with the same words for a tenant that the person has nothing to
 * do with and for none; `invalid_request` where it is to be named.
 */
export async function portalTenant(rights: Rights, person: PersonPrincipal, named?: string): Promise<string> {
  const tenantId = named ?? onlyTenant(person);
  if (roleIn(person, tenantId) === undefined) throw notAMember();
  const status = await rights.tenantStatus(tenantId);
  if (!status) throw notAMember();
  if (status === 'suspended' && !person.platformAdmin) {
    throw new CodedError('tenant_suspended', 'This tenant is suspended.');
  }
  return tenantId;
}

function onlyTenant({ roles, platformAdmin }: PersonPrincipal): string {
  const [first, ...others] = roles.keys();
  if (first !== undefined && others.length === 0) return first;
  if (first === undefined && !platformAdmin) throw notAMember();
  throw new CodedError('invalid_request', 'Name the tenant: tenantId.');
}

function notAMember(): CodedError {
  return new CodedError('forbidden', 'You may not do this.');
}
