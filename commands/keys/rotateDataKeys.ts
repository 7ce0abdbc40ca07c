import { setTimeout as sleep } from 'node:timers/promises';
import { addTenantKey } from '../../db/queries/keys/addTenantKey.ts';
import { readKeyVersions } from '../../db/queries/keys/readKeyVersions.ts';
import { makeTenantKey } from '../../encryption/tenantKeys.ts';
import { type KeyTools, tenantsOf } from './keyTools.ts';
import { type Resealed, resealAll } from './resealTenant.ts';

export interface RotateDataOptions {
  only?: string;
  /** Keys that are younger are left alone: those that an interrupted run, or one beside this, has made. */
  olderThanMs: number;
  /** For how long an instance may go on with the version before. */
  settleMs: number;
}

/** A sealed value names its key's version in one byte: one a month lasts for 21 years. */
const LAST_VERSION = 255;

/**
 * Gives every tenant a new version of its data key, and brings what is in the database under it. Histories keep the version that
 * they were written with, which stays. Run again after an interruption, it gives no tenant a second new version.
 */
export async function rotateDataKeys(tools: KeyTools, options: RotateDataOptions): Promise<Resealed> {
  let made = 0;
  for await (const tenantId of tenantsOf(tools, options.only)) {
    if (await rotateTenant(tools, tenantId, options.olderThanMs)) made += 1;
  }
  tools.say(`made ${made} new versions`);
  // Until then an instance may seal with the version before, behind the back of the resealing.
  await sleep(options.settleMs);
  return resealAll(tools, options.only);
}

async function rotateTenant(tools: KeyTools, tenantId: string, olderThanMs: number): Promise<boolean> {
  const newest = (await readKeyVersions(tools.db, tenantId)).at(-1);
  // A tenant without a key has nothing sealed.
  if (!newest || newest.ageMs < olderThanMs) return false;
  const version = newest.version + 1;
  if (version > LAST_VERSION) throw new Error(`Tenant ${tenantId} has used up its ${LAST_VERSION} key versions`);
  const made = await addTenantKey(tools.db, tenantId, await makeTenantKey(tools.provider, tenantId, version));
  if (made) tools.say(`tenant ${tenantId}: version ${version}`);
  return made;
}
