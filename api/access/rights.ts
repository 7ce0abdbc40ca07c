import type { Role } from '../../contracts/access.ts';
import type { Db } from '../../db/createDb.ts';
import { listMemberships } from '../../db/queries/access/listMemberships.ts';
import { getTenantStatus, type TenantStatus } from '../../db/queries/tenants/getTenantStatus.ts';
import { FreshCache } from './freshCache.ts';

/** How late an instance sees that a right was taken away; 5 s are promised, and loading takes its time as well. */
const FRESH_MS = 2_000;
const MAX_ENTRIES = 10_000;

/** Who may do what, two seconds old at most. Rejects while the database is out of reach. */
export interface Rights {
  /** The person's role by tenant. */
  rolesOf(userId: string): Promise<ReadonlyMap<string, Role>>;
  /** Undefined when there is no such tenant. */
  tenantStatus(tenantId: string): Promise<TenantStatus | undefined>;
}

export function createRights(db: Db): Rights {
  const limits = { freshMs: FRESH_MS, maxEntries: MAX_ENTRIES };
  const memberships = new FreshCache({ ...limits, load: (userId) => listMemberships(db, userId) });
  const tenants = new FreshCache({
    ...limits,
    load: async (tenantId) => {
      const status = await getTenantStatus(db, tenantId);
      return status && { status };
    },
  });

  return {
    rolesOf: async (userId) => (await memberships.get(userId)) ?? new Map(),
    tenantStatus: async (tenantId) => (await tenants.get(tenantId))?.status,
  };
}
