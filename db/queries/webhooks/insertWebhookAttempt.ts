import { v7 as uuidv7 } from 'uuid';
import { webhookAttempts } from '../../schema/webhookAttempts.ts';
import type { TenantTx } from '../../withTenant.ts';
import type { AttemptRow } from './listWebhookAttempts.ts';

/** What became of a request, without the row's own id. */
export type NewAttempt = Omit<AttemptRow, 'id'>;

/** Notes a request to an endpoint down. */
export async function insertWebhookAttempt(tx: TenantTx, attempt: NewAttempt): Promise<AttemptRow> {
  const [inserted] = await tx
    .insert(webhookAttempts)
    .values({ ...attempt, id: uuidv7() })
    .returning();
  if (!inserted) throw new Error('The attempt was not inserted');
  return inserted;
}
