import type { DisabledReason } from '../../../contracts/webhook.ts';
import type { Db } from '../../createDb.ts';
import { type TenantTx, withTenant } from '../../withTenant.ts';
import { insertAudit } from '../audit/insertAudit.ts';
import { insertWebhookAttempt, type NewAttempt } from './insertWebhookAttempt.ts';

/** An attempt for an event of a conversation. */
export type EventAttempt = NewAttempt & { conversationId: string };

export interface Rules {
  consequencesOf: Consequences;
  /** After so many failures in a row an endpoint counts as away, and a success as its return. */
  awayAfter: number;
}

/** What a failure leads to, given how many attempts for the event and failures of the endpoint there were, this one included. */
export type Consequences = (counts: { attempts: number; failures: number; failingSince: Date }) => {
  nextAttemptAt: Date;
  /** Nothing is sent to the endpoint before. */
  holdUntil: Date | null;
  disable: DisabledReason | null;
};

/** What the endpoint is like after an attempt. */
export interface Settled {
  /** Nothing more is to be sent for now. */
  stopped: boolean;
  disabled: DisabledReason | null;
}

/**
 * Notes an attempt down with all that follows from it, in one transaction. The endpoint's row is locked first, so that
 * attempts that end at once count one after the other. For an endpoint that was deleted meanwhile nothing is noted.
 */
export async function settleAttempt(db: Db, attempt: EventAttempt, rules: Rules): Promise<Settled> {
  return withTenant(db, attempt.tenantId, async (tx) => {
    const endpoint = await lockEndpoint(tx, attempt);
    if (!endpoint || !(await deliveryIsThere(tx, attempt))) return { stopped: true, disabled: null };
    await insertWebhookAttempt(tx, attempt);
    return attempt.error === null
      ? succeed(tx, attempt, { endpoint, awayAfter: rules.awayAfter })
      : fail(tx, attempt, { endpoint, consequencesOf: rules.consequencesOf });
  });
}

interface Endpoint {
  failures: number;
  failingSince: Date | null;
  status: 'active' | 'disabled';
}

async function lockEndpoint({ $client: client }: TenantTx, attempt: EventAttempt): Promise<Endpoint | undefined> {
  const { rows } = await client.query<Endpoint>({
    name: 'lock_webhook',
    text: `SELECT failures, failing_since AS "failingSince", status FROM webhook_endpoints
      WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE`,
    values: [attempt.tenantId, attempt.endpointId],
  });
  return rows[0];
}

/** An event that was erased while it was sent leaves nothing behind. */
async function deliveryIsThere({ $client: client }: TenantTx, attempt: EventAttempt): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'lock_webhook_delivery',
    text: `SELECT FROM webhook_deliveries WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = $3 FOR UPDATE`,
    values: [attempt.tenantId, attempt.endpointId, attempt.eventId],
  });
  return rowCount === 1;
}

async function succeed(
  tx: TenantTx,
  attempt: EventAttempt,
  { endpoint: { failures, status }, awayAfter }: { endpoint: Endpoint; awayAfter: number },
): Promise<Settled> {
  const { tenantId, endpointId, eventId } = attempt;
  await tx.$client.query({
    name: 'settle_delivered_webhook',
    text: `UPDATE webhook_deliveries SET state = 'delivered', attempts = attempts + 1
      WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = $3`,
    values: [tenantId, endpointId, eventId],
  });
  if (failures > 0) {
    await tx.$client.query({
      name: 'webhook_is_sound',
      text: `UPDATE webhook_endpoints SET failures = 0, failing_since = NULL, hold_until = NULL
        WHERE tenant_id = $1 AND id = $2`,
      values: [tenantId, endpointId],
    });
  }
  if (failures >= awayAfter) await bringForward(tx, attempt);
  return { stopped: status === 'disabled', disabled: null };
}

/** The endpoint is back: what waits for a later attempt need not wait any more. */
async function bringForward({ $client: client }: TenantTx, attempt: EventAttempt): Promise<void> {
  await client.query({
    name: 'webhook_is_back',
    text: `UPDATE webhook_deliveries SET next_attempt_at = $3
      WHERE tenant_id = $1 AND endpoint_id = $2 AND state = 'pending' AND next_attempt_at > $3`,
    values: [attempt.tenantId, attempt.endpointId, attempt.attemptedAt],
  });
}

async function fail(
  tx: TenantTx,
  attempt: EventAttempt,
  { endpoint, consequencesOf }: { endpoint: Endpoint; consequencesOf: Consequences },
): Promise<Settled> {
  const { tenantId, endpointId, eventId, attemptedAt } = attempt;
  const failures = endpoint.failures + 1;
  const failingSince = endpoint.failingSince ?? attemptedAt;
  const attempts = await countAttempt(tx, attempt);
  const { nextAttemptAt, holdUntil, disable } = consequencesOf({ attempts, failures, failingSince });
  await tx.$client.query({
    name: 'settle_failed_webhook',
    text: `UPDATE webhook_deliveries SET next_attempt_at = $4,
        state = CASE WHEN $4 > expires_at THEN 'failed' ELSE 'pending' END
      WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = $3`,
    values: [tenantId, endpointId, eventId, nextAttemptAt],
  });
  await tx.$client.query({
    name: 'webhook_fails',
    text: `UPDATE webhook_endpoints SET failures = $3, failing_since = $4, hold_until = greatest(hold_until, $5)
      WHERE tenant_id = $1 AND id = $2`,
    values: [tenantId, endpointId, failures, failingSince, holdUntil],
  });
  const disabled = endpoint.status === 'active' ? disable : null;
  if (disabled) await disableEndpoint(tx, attempt, disabled);
  return { stopped: holdUntil !== null || disabled !== null || endpoint.status === 'disabled', disabled };
}

async function countAttempt({ $client: client }: TenantTx, attempt: EventAttempt): Promise<number> {
  const { rows } = await client.query<{ attempts: number }>({
    name: 'count_webhook_attempt',
    text: `UPDATE webhook_deliveries SET attempts = attempts + 1
      WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = $3 RETURNING attempts`,
    values: [attempt.tenantId, attempt.endpointId, attempt.eventId],
  });
  return rows[0]?.attempts ?? 1;
}

/** What is pending is given up by the next round; the administrators are told after it. */
async function disableEndpoint(
  tx: TenantTx,
  { tenantId, endpointId }: EventAttempt,
  reason: DisabledReason,
): Promise<void> {
  await tx.$client.query({
    name: 'disable_webhook',
    text: `UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = $3, notice_due = true, updated_at = now()
      WHERE tenant_id = $1 AND id = $2`,
    values: [tenantId, endpointId, reason],
  });
  const target = `webhook/${endpointId}`;
  const actor = { kind: 'system', id: null } as const;
  await insertAudit(tx, { tenantId, actor, action: 'webhook.disabled', target, data: { reason } });
}
