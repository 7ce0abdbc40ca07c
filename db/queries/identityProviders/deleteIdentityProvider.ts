import { eq, sql } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { identityProviders } from '../../schema/identityProviders.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';

/** Removes the tenant's identity provider and ends the sessions that it vouched for; false when the tenant has none. */
export async function deleteIdentityProvider(db: Db, tenantId: string, by: By): Promise<boolean> {
  return withTenant(db, tenantId, async (tx) => {
    const [deleted] = await tx
      .delete(identityProviders)
      .where(eq(identityProviders.tenantId, tenantId))
      .returning({ slug: identityProviders.slug });
    if (!deleted) return false;
    await tx.execute(sql`DELETE FROM people.sessions WHERE only_tenant_id = ${tenantId}`);
    await insertAudit(tx, {
      ...by,
      tenantId,
      action: 'identity_provider.deleted',
      target: `identity-provider/${deleted.slug}`,
    });
    return true;
  });
}
