import { eq } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { identityProviders } from '../../schema/identityProviders.ts';
import { withTenant } from '../../withTenant.ts';

export type IdentityProvider = typeof identityProviders.$inferSelect;

/** The tenant's identity provider; a tenant has one at most. */
export async function getIdentityProvider(db: Db, tenantId: string): Promise<IdentityProvider | undefined> {
  const [provider] = await withTenant(db, tenantId, (tx) =>
    tx.select().from(identityProviders).where(eq(identityProviders.tenantId, tenantId)),
  );
  return provider;
}
