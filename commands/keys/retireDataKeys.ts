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
    const candidates = await outOfUse(options, tenantId, await readKeyVersions(tools.db, tenantId));
    if (candidates.length === 0) continue;
    const sealed = await countSealed(tools.db, tenantId);
    for (const { version } of candidates) {
      if ((sealed.get(version) ?? 0) > 0) continue;
      await deleteTenantKey(tools.db, tenantId, version);
      total += 1;
      tools.say(`tenant ${tenantId}: retired version ${version}`);
    }
  }
  tools.say(`retired ${total} versions`);
  return total;
}

/** Versions that no history was written with; the database may still hold values under them. */
async function outOfUse(options: RetireOptions, tenantId: string, versions: KeyVersion[]): Promise<KeyVersion[]> {
  const found: KeyVersion[] = [];
  for (const [index, version] of versions.entries()) {
    const successor = versions[index + 1];
    if (successor && (await isOutOfUse(options, tenantId, successor))) found.push(version);
  }
  return found;
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
