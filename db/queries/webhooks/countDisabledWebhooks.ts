import type { Db } from '../../createDb.ts';
import { lookUp } from '../../lookUp.ts';

/** How many endpoints, of all tenants, Parley has switched off and nobody has switched on again. */
export async function countDisabledWebhooks(db: Db): Promise<number> {
  const row = await lookUp<{ disabled: string }>(db, {
    name: 'count_disabled_webhooks',
    text: 'SELECT count_disabled_webhooks() AS disabled',
  });
  return Number(row?.disabled ?? 0);
}
