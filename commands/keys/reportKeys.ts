import { countSealed } from '../../db/queries/keys/countSealed.ts';
import { readKeyVersions } from '../../db/queries/keys/readKeyVersions.ts';
import { type KeyTools, tenantsOf } from './keyTools.ts';

export interface KeyReport {
  tenants: number;
  /** Data keys that another master key than the current one wraps. */
  outdatedKeys: number;
  /** Values that an earlier version than the newest of their tenant seals, or none. */
  outdatedValues: number;
}

/** Tells what a rotation would have to do, tenant by tenant. */
export async function reportKeys(tools: KeyTools, only?: string): Promise<KeyReport> {
  const current = await tools.provider.currentKeyId();
  tools.say(`current master key: ${current}`);
  const report: KeyReport = { tenants: 0, outdatedKeys: 0, outdatedValues: 0 };
  for await (const tenantId of tenantsOf(tools, only)) {
    const versions = await readKeyVersions(tools.db, tenantId);
    const sealed = await countSealed(tools.db, tenantId);
    const newest = versions.at(-1);
    report.tenants += 1;
    report.outdatedKeys += versions.filter(({ masterKeyId }) => masterKeyId !== current).length;
    for (const [version, count] of sealed) report.outdatedValues += version === newest?.version ? 0 : count;
    for (const { version, masterKeyId, createdAt } of versions) {
      const values = `${sealed.get(version) ?? 0} values`;
      tools.say(
        `tenant ${tenantId}: version ${version} of ${createdAt.toISOString()}, under ${masterKeyId ?? 'a master key without a name'}, ${values}`,
      );
    }
    const clear = sealed.get(0) ?? 0;
    if (clear > 0) tools.say(`tenant ${tenantId}: ${clear} values in clear, from before they were sealed`);
  }
  tools.say(
    `${report.tenants} tenants; ${report.outdatedKeys} data keys under another master key; ${report.outdatedValues} values under an earlier data key`,
  );
  return report;
}
