import { createHash } from 'node:crypto';

const PATH = '/v1/telegram/webhook/';

/** Where Telegram sends a connection's updates. */
export function webhookUrl(publicUrl: string, webhookSecret: string): string {
  return `${publicUrl}${PATH}${webhookSecret}`;
}

/** The secret in an address of ours; undefined for any other address. */
export function webhookSecretIn(publicUrl: string, url: string): string | undefined {
  const start = `${publicUrl}${PATH}`;
  return url.startsWith(start) ? url.slice(start.length) : undefined;
}

/** What is stored of a webhook's secret. */
export function hashWebhookSecret(webhookSecret: string): Buffer {
  return createHash('sha256').update(webhookSecret).digest();
}
