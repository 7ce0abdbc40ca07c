import type { Role } from '../../../contracts/access.ts';
import type { Db } from '../../createDb.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import { type FederatedIdentity, federatedProviderId } from './findFederatedPerson.ts';
import { insertMembership } from './insertMembership.ts';
import { insertPerson } from './insertPerson.ts';

export interface NewFederatedPerson extends FederatedIdentity {
  /** Lower case; verified by the provider. */
  email: string;
  name: string;
  role: Role;
}

/**
 * Makes the account of somebody whom a tenant's identity provider vouches for, and a member of that tenant alone. Undefined when
 * the address has an account: a provider must not take over somebody else's.
 */
export async function insertFederatedPerson(
  db: Db,
  person: NewFederatedPerson,
  by: Omit<By, 'actor'>,
): Promise<string | undefined> {
  const { tenantId, email, name, role, subject } = person;
  return withTenant(db, tenantId, async (tx) => {
    const login = { providerId: federatedProviderId(person), subject };
    const userId = await insertPerson(tx, { email, name, login });
    if (userId === undefined) return undefined;
    await insertMembership(tx, { tenantId, userId, role });
    const actor = { kind: 'person', id: userId } as const;
    await insertAudit(tx, {
      ...by,
      actor,
      tenantId,
      action: 'member.joined',
      target: `person/${userId}`,
      data: { role },
    });
    return userId;
  });
}
