import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Db } from '../../createDb.ts';
import { DatabaseError } from '../../databaseError.ts';
import { identityProviders } from '../../schema/identityProviders.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import type { IdentityProvider } from './getIdentityProvider.ts';

const UNIQUE_VIOLATION = '23505';

export type NewIdentityProvider = Omit<typeof identityProviders.$inferInsert, 'id' | 'createdAt' | 'updatedAt'>;

/** Makes the tenant's identity provider or replaces it. Undefined when another tenant's has the slug. */
export async function saveIdentityProvider(
  db: Db,
  provider: NewIdentityProvider,
  by: By,
): Promise<IdentityProvider | undefined> {
  const { tenantId, slug, issuer, clientId, clientSecret, defaultRole } = provider;
  return withTenant(db, tenantId, async (tx) => {
    const [saved] = await tx
      .insert(identityProviders)
      .values({ ...provider, id: uuidv7() })
      .onConflictDoUpdate({
        target: identityProviders.tenantId,
        set: { slug, issuer, clientId, clientSecret, defaultRole, updatedAt: sql`now()` },
      })
      .returning();
    if (!saved) throw new Error('The identity provider was not saved');
    const data = { issuer, clientId, defaultRole };
    await insertAudit(tx, {
      ...by,
      tenantId,
      action: 'identity_provider.saved',
      target: `identity-provider/${slug}`,
      data,
    });
    return saved;
  }).catch((error: unknown) => {
    if (error instanceof DatabaseError && error.sqlState === UNIQUE_VIOLATION) return undefined;
    throw error;
  });
}
