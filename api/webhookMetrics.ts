import { Gauge, type Registry } from 'prom-client';
import type { Db } from '../db/createDb.ts';
import { countDisabledWebhooks } from '../db/queries/webhooks/countDisabledWebhooks.ts';

/** Counts for the operator's alert when it is asked for: every instance gives the same figure, of all tenants. */
export function observeWebhooks(registry: Registry, db: Db): void {
  new Gauge({
    name: 'parley_webhooks_disabled',
    help: 'Webhook endpoints that were switched off because they failed, and not switched on again',
    registers: [registry],
    async collect() {
      // The other figures do not depend on the database; without it the last one stays.
      await countDisabledWebhooks(db).then(
        (disabled) => this.set(disabled),
        () => undefined,
      );
    },
  });
}
