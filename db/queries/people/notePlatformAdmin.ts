import { DEFAULT_TENANT_ID } from '../../../contracts/workflowId.ts';
import type { TenantTx } from '../../withTenant.ts';
import { insertAudit } from '../audit/insertAudit.ts';

/** Writes down that a person runs the installation from now on: in the log of the tenant that every installation has. */
export async function notePlatformAdmin(tx: TenantTx, userId: string): Promise<void> {
  await insertAudit(tx, {
    tenantId: DEFAULT_TENANT_ID,
    // Whoever can run a command on the installation's database.
    actor: { kind: 'system', id: null },
    action: 'platform_admin.made',
    target: `person/${userId}`,
  });
}
