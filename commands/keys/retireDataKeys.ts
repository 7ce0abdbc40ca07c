import type { Client } from '@temporalio/client';
import { countSealed } from '../../db/queries/keys/countSealed.ts';
import { deleteTenantKey } from '../../db/queries/keys/deleteTenantKey.ts';
import { type KeyVersion, readKeyVersions } from '../../db/queries/keys/readKeyVersions.ts';
import { type KeyTools, tenantsOf } from './keyTools.ts';

export interface RetireOptions {
  only?: string;
  /** For how long after a rotation the version before may still have been used. */
  settleMs: number;
  temporal: Pick<Client, 'workflow'>;
}

/**
 * Forgets versions that nothing uses any more: no value in the database, and no history that began while the version was in
 * use, be its workflow running or closed. Returns how many were forgotten.
 */
export async function retireDataKeys(tools: KeyTools, options: RetireOptions): Promise<number> {
  let total = 0;
  for await (const tenantId of tenantsOf(tools, options.only)) {
    const versions = await readKeyVersions(tools.db, tenantId);
    const sealed = await countSealed(tools.db, tenantId);
    for (const [index, key] of versions.entries()) {
      const successor = versions[index + 1];
      if (!successor || (sealed.get(key.version) ?? 0) > 0) continue;
      if (!(await isOutOfUse(options, tenantId, successor))) continue;
      await deleteTenantKey(tools.db, tenantId, key.version);
      total += 1;
      tools.say(`tenant ${tenantId}: retired version ${key.version}`);
    }
  }
  tools.say(`retired ${total} versions`);
  return total;
}

async function isOutOfUse(
  { temporal, settleMs }: RetireOptions,
  tenantId: string,
  successor: KeyVersion,
): Promise<boolean> {
  if (successor.ageMs < settleMs) return false;
  const since = new Date(successor.createdAt.getTime() + settleMs).toISOString();
  const { count } = await temporal.workflow.count(`TenantId = '${tenantId}' AND StartTime <= '${since}'`);
  return count === 0;
}
