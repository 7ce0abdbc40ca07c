import type { LedgerState } from '../../../contracts/ledger.ts';
import type { Db } from '../../createDb.ts';
import { lookUpAll } from '../../lookUp.ts';

/** How many rows of the ledger, of all tenants, are parked, unknown or failed; a state without any is not there. */
export async function countTroubledDeliveries(db: Db): Promise<Map<LedgerState, number>> {
  const rows = await lookUpAll<{ state: LedgerState; rows: string }>(db, {
    name: 'count_troubled_deliveries',
    text: 'SELECT state, rows FROM count_troubled_deliveries()',
  });
  return new Map(rows.map(({ state, rows }) => [state, Number(rows)]));
}
