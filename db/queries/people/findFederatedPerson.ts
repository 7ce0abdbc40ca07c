import type { Db } from '../../createDb.ts';
import { lookUp } from '../../lookUp.ts';

/** How a tenant's identity provider knows a person. */
export interface FederatedIdentity {
  tenantId: string;
  issuer: string;
  subject: string;
}

/** What an account names its provider by: another issuer's subjects, and another tenant's, are other people. */
export function federatedProviderId({ tenantId, issuer }: Pick<FederatedIdentity, 'tenantId' | 'issuer'>): string {
  return `${tenantId}/${issuer}`;
}

/** The person whom the provider has vouched for before. */
export async function findFederatedPerson(db: Db, identity: FederatedIdentity): Promise<string | undefined> {
  const found = await lookUp<{ user_id: string }>(db, {
    name: 'find_federated_person',
    text: 'SELECT user_id FROM people.accounts WHERE provider_id = $1 AND account_id = $2',
    values: [federatedProviderId(identity), identity.subject],
  });
  return found?.user_id;
}
