import type { WebhookView } from '../../../contracts/webhook.ts';
import type { webhookEndpoints } from '../../schema/webhookEndpoints.ts';

export type WebhookRow = typeof webhookEndpoints.$inferSelect;

/** An endpoint as the admin API shows it: everything but the secrets. */
export function toWebhookView(row: WebhookRow, now = new Date()): WebhookView {
  const { id, url, description, events, includeText, status, disabledReason, failingSince, previousSecretUntil } = row;
  const overlaps = previousSecretUntil !== null && previousSecretUntil > now;
  return {
    ...{ id, url, description, events, includeText, status, disabledReason },
    failingSince: failingSince?.toISOString() ?? null,
    previousSecretUntil: overlaps ? previousSecretUntil.toISOString() : null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
