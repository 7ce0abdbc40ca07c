import { Gauge, type Registry } from 'prom-client';
import type { Db } from '../db/createDb.ts';
import { countTroubledDeliveries } from '../db/queries/ledger/countTroubledDeliveries.ts';

/** Counts for the operator's alert when it is asked for: every instance gives the same figure, of all tenants. */
export function observeLedger(registry: Registry, db: Db): void {
  new Gauge({
    name: 'parley_deliveries_troubled',
    help: 'Rows of the delivery ledger by state: parked until a channel is repaired, unknown, or failed for good',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      // The other figures do not depend on the database; without it the last one stays.
      const counts = await countTroubledDeliveries(db).catch(() => undefined);
      if (!counts) return;
      for (const state of ['parked', 'unknown', 'failed'] as const) this.set({ state }, counts.get(state) ?? 0);
    },
  });
}
