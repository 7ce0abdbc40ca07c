import type { BaseLogger } from 'pino';
import type { ConversationRef } from '../contracts/workflowId.ts';
import type { Db } from '../db/createDb.ts';
import { listUndelivered } from '../db/queries/outbox/listUndelivered.ts';

export interface DeliveryRetryDependencies {
  db: Db;
  /** Tells the conversation that the channel works again. */
  tell(ref: ConversationRef): Promise<void>;
  logger: Pick<BaseLogger, 'warn'>;
}

/** Each resolves to how many conversations could not be told. */
export interface DeliveryRetry {
  /** Of deliveries that wait for a repair. */
  retryParked(tenantId: string): Promise<number>;
  /** Of all that is undelivered: what has no channel is not parked. */
  retryAll(tenantId: string): Promise<number>;
}

/** So many are told at once. */
const PAGE = 100;

/**
 * Has a tenant's conversations try at once what they could not deliver, the longest waiting first, however many there are. Rejects
 * while the database is out of reach. A conversation that is not reached tries again by itself, though later.
 */
export function createDeliveryRetry({ db, tell, logger }: DeliveryRetryDependencies): DeliveryRetry {
  async function retry(tenantId: string, parkedOnly: boolean): Promise<number> {
    let missed = 0;
    let after: number | undefined;
    do {
      const page = await listUndelivered(db, tenantId, { parkedOnly, limit: PAGE, after });
      const told = await Promise.allSettled(page.map(({ conversationId }) => tell({ tenantId, conversationId })));
      missed += told.filter(({ status }) => status === 'rejected').length;
      after = page.length < PAGE ? undefined : page.at(-1)?.ordinal;
    } while (after !== undefined);
    if (missed > 0)
      logger.warn({ tenant_id: tenantId, missed }, 'conversations were not told of a repair: they try later');
    return missed;
  }

  return {
    retryParked: (tenantId) => retry(tenantId, true),
    retryAll: (tenantId) => retry(tenantId, false),
  };
}
