import { getTenantKeys, type TenantKey } from '../../db/queries/getTenantKeys.ts';
import { type RewrappedKey, rewrapTenantKeys } from '../../db/queries/keys/rewrapTenantKeys.ts';
import { type KeyTools, tenantsOf } from './keyTools.ts';

/**
 * Rewraps every data key that is under another master key than the current one, tenant by tenant. Interrupted, it goes on
 * where it was when it is run again: what is done names its master key. Returns how many keys were rewrapped.
 */
export async function rotateMasterKey(tools: KeyTools, only?: string): Promise<number> {
  const current = await tools.provider.currentKeyId();
  tools.say(`current master key: ${current}`);
  let total = 0;
  for await (const tenantId of tenantsOf(tools, only)) {
    const outdated = (await getTenantKeys(tools.db, tenantId)).filter((key) => key.masterKeyId !== current);
    if (outdated.length === 0) continue;
    // The provider may be a network away: no transaction waits for it.
    const keys = await Promise.all(outdated.map((key) => rewrap(tools, tenantId, key)));
    const rewrapped = await rewrapTenantKeys(tools.db, tenantId, keys);
    total += rewrapped;
    tools.say(`tenant ${tenantId}: rewrapped ${rewrapped}`);
  }
  tools.say(`rewrapped ${total} data keys`);
  return total;
}

async function rewrap({ provider }: KeyTools, tenantId: string, key: TenantKey): Promise<RewrappedKey> {
  const dataKey = await provider.unwrap(key, tenantId);
  const { wrapped, masterKeyId } = await provider.wrap(dataKey, tenantId);
  // It replaces the only copy there is.
  const opened = await provider.unwrap({ wrapped, masterKeyId }, tenantId);
  if (!opened.equals(dataKey)) throw new Error(`The new wrapping of a key of tenant ${tenantId} does not open`);
  return { version: key.version, before: key.wrapped, wrapped, masterKeyId };
}
