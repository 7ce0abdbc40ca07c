import type { DomainEventRecord } from '../../../contracts/activities.ts';
import type { WebhookRef } from '../../../contracts/webhookDelivery.ts';
import type { WebhookEventName } from '../../../contracts/webhookEvent.ts';
import type { Db } from '../../createDb.ts';
import { type TenantTx, withTenant } from '../../withTenant.ts';

/** An event that is to be sent. `content` is the sealed message, where the endpoint wants its text. */
export interface DueEvent {
  eventId: string;
  conversationId: string;
  name: WebhookEventName;
  data: DomainEventRecord['data'];
  occurredAt: Date;
  content: Buffer | null;
}

/** An endpoint with what is due for it. */
export interface Round {
  url: string;
  secret: Buffer;
  /** Signs as well, until the moment. */
  previousSecret: Buffer | null;
  previousSecretUntil: Date | null;
  failures: number;
  due: DueEvent[];
}

export interface RoundLimits {
  batch: number;
  /** After so many failures in a row one event at a time finds out whether the endpoint is back. */
  probeAfter: number;
}

interface EndpointRow extends Omit<Round, 'due'> {
  status: 'active' | 'disabled';
  includeText: boolean;
  noticeDue: boolean;
  held: boolean;
}

/**
 * Gives up what has expired at `now` and reads what is due. `noticeDue` says that the endpoint was disabled and nobody was told;
 * of an endpoint that is disabled, or gone, nothing is pending afterwards.
 */
export async function beginRound(
  db: Db,
  ref: WebhookRef,
  now: Date,
  limits: RoundLimits,
): Promise<{ round?: Round; noticeDue: boolean }> {
  return withTenant(db, ref.tenantId, async (tx) => {
    const endpoint = await readEndpoint(tx, ref, now);
    if (!endpoint) return { noticeDue: false };
    const { status, noticeDue, held, includeText, ...round } = endpoint;
    await giveUp(tx, ref, status === 'active' ? now : null);
    if (status === 'disabled') return { noticeDue };
    const limit = round.failures >= limits.probeAfter ? 1 : limits.batch;
    const due = held ? [] : await readDue(tx, ref, { now, includeText, limit });
    return { round: { ...round, due }, noticeDue };
  });
}

async function readEndpoint(
  { $client: client }: TenantTx,
  { tenantId, endpointId }: WebhookRef,
  now: Date,
): Promise<EndpointRow | undefined> {
  const { rows } = await client.query<EndpointRow>({
    name: 'read_webhook',
    text: `SELECT url, secret, previous_secret AS "previousSecret", previous_secret_until AS "previousSecretUntil", failures,
        status, include_text AS "includeText", notice_due AS "noticeDue", coalesce(hold_until > $3, false) AS held
      FROM webhook_endpoints WHERE tenant_id = $1 AND id = $2`,
    values: [tenantId, endpointId, now],
  });
  return rows[0];
}

/** What has expired, or with null all that is pending. */
async function giveUp(
  { $client: client }: TenantTx,
  { tenantId, endpointId }: WebhookRef,
  expired: Date | null,
): Promise<void> {
  await client.query({
    name: 'give_up_webhooks',
    text: `UPDATE webhook_deliveries SET state = 'failed'
      WHERE tenant_id = $1 AND endpoint_id = $2 AND state = 'pending' AND ($3::timestamptz IS NULL OR expires_at <= $3)`,
    values: [tenantId, endpointId, expired],
  });
}

async function readDue(
  { $client: client }: TenantTx,
  { tenantId, endpointId }: WebhookRef,
  { now, includeText, limit }: { now: Date; includeText: boolean; limit: number },
): Promise<DueEvent[]> {
  const { rows } = await client.query<DueEvent>({
    name: 'read_due_webhooks',
    text: `SELECT d.event_id AS "eventId", d.conversation_id AS "conversationId", e.name, e.data,
        e.occurred_at AS "occurredAt", m.content
      FROM webhook_deliveries d
      JOIN domain_events e ON e.tenant_id = $1 AND e.conversation_id = d.conversation_id AND e.id = d.event_id
      LEFT JOIN messages m ON $4 AND e.name = 'message.added' AND m.tenant_id = $1
        AND m.conversation_id = d.conversation_id AND m.id = (e.data ->> 'messageId')::uuid
      WHERE d.tenant_id = $1 AND d.endpoint_id = $2 AND d.state = 'pending' AND d.next_attempt_at <= $3
      ORDER BY d.next_attempt_at LIMIT $5`,
    values: [tenantId, endpointId, now, includeText, limit],
  });
  return rows;
}
