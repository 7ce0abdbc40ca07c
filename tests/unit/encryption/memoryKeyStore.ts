import type { TenantKey, TenantKeyStore } from '../../../encryption/tenantKeys.ts';

/** The table `tenant_keys`, in memory. */
export function memoryKeyStore(): TenantKeyStore & { rows: Map<string, TenantKey[]> } {
  const rows = new Map<string, TenantKey[]>();
  return {
    rows,
    list: async (tenantId) => rows.get(tenantId) ?? [],
    async insert(tenantId, key) {
      const kept = rows.get(tenantId) ?? [];
      const first = kept.find(({ version }) => version === key.version);
      if (!first) rows.set(tenantId, [...kept, key]);
      return first ?? key;
    },
  };
}
