import { getTenantKeys } from '../../db/queries/getTenantKeys.ts';
import { resealPage } from '../../db/queries/keys/resealPage.ts';
import { SEALED_COLUMNS, type SealedColumn } from '../../db/queries/keys/sealedColumns.ts';
import type { Keys } from '../../runtime/openKeys.ts';
import { type KeyTools, tenantsOf } from './keyTools.ts';

export interface Resealed {
  resealed: number;
  /** Values that do not open with any key of their tenant. */
  unreadable: number;
}

/** Brings every sealed value of the tenants under the newest version of their data keys. Run again, it does what is left. */
export async function resealAll(tools: KeyTools, only?: string): Promise<Resealed> {
  const total = { resealed: 0, unreadable: 0 };
  for await (const tenantId of tenantsOf(tools, only)) {
    const { resealed, unreadable } = await resealTenant(tools, tenantId);
    total.resealed += resealed;
    total.unreadable += unreadable;
    if (resealed > 0) tools.say(`tenant ${tenantId}: resealed ${resealed}`);
    if (unreadable > 0)
      tools.say(`tenant ${tenantId}: ${unreadable} values open with none of its keys; left as they are`);
  }
  tools.say(`resealed ${total.resealed} values`);
  return total;
}

async function resealTenant(tools: KeyTools, tenantId: string): Promise<Resealed> {
  const version = (await getTenantKeys(tools.db, tenantId)).at(-1)?.version;
  const total = { resealed: 0, unreadable: 0 };
  if (version === undefined) return total;
  const keys = tools.openKeys();
  await keys.words.ready(tenantId);
  for (const column of SEALED_COLUMNS) {
    const reseal = (sealed: Buffer) => resealValue(keys, column, tenantId, sealed);
    let after: readonly string[] | undefined;
    do {
      const page = await resealPage(tools.db, { tenantId, column, version, after, reseal });
      total.resealed += page.resealed;
      total.unreadable += page.unreadable;
      after = page.last;
    } while (after);
  }
  return total;
}

async function resealValue(
  { secrets, words }: Keys,
  { kind }: SealedColumn,
  tenantId: string,
  sealed: Buffer,
): Promise<Buffer | undefined> {
  const box = kind === 'secrets' ? secrets : words[kind];
  const clear = await box.open(tenantId, sealed).catch(() => undefined);
  return clear === undefined ? undefined : box.seal(tenantId, clear);
}
