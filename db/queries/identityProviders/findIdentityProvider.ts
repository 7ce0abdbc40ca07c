import type { Db } from '../../createDb.ts';
import { lookUp } from '../../lookUp.ts';
import { getIdentityProvider, type IdentityProvider } from './getIdentityProvider.ts';

/** The identity provider with this name, whichever tenant's it is. */
export async function findIdentityProvider(db: Db, slug: string): Promise<IdentityProvider | undefined> {
  const found = await lookUp<{ tenant_id: string }>(db, {
    name: 'find_identity_provider',
    text: 'SELECT tenant_id FROM find_identity_provider($1)',
    values: [slug],
  });
  return found && getIdentityProvider(db, found.tenant_id);
}
