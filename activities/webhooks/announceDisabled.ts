import type { WebhookRef } from '../../contracts/webhookDelivery.ts';
import type { Db } from '../../db/createDb.ts';
import { listAdministrators } from '../../db/queries/members/listAdministrators.ts';
import { getWebhook } from '../../db/queries/webhooks/getWebhook.ts';
import type { WebhookRow } from '../../db/queries/webhooks/webhookRow.ts';

/** Where a notice goes; without one, log, metric and audit log have to do. */
export interface NoticeMailer {
  send(mail: { to: string; subject: string; text: string }): Promise<void>;
}

/** Writes to the tenant's administrators. Rejects when there are some and none of them could be reached. */
export async function announceDisabled(db: Db, mailer: NoticeMailer | undefined, ref: WebhookRef): Promise<void> {
  const endpoint = await getWebhook(db, ref.tenantId, ref.endpointId);
  if (!mailer || !endpoint?.noticeDue) return;
  const addresses = await listAdministrators(db, ref.tenantId);
  const mail = noticeOf(endpoint);
  const sent = await Promise.allSettled(addresses.map((to) => mailer.send({ to, ...mail })));
  const failure = sent.find(({ status }) => status === 'rejected');
  if (failure?.status === 'rejected' && sent.every(({ status }) => status === 'rejected')) throw failure.reason;
}

/** Names the host alone: what follows it in an address may be a secret. */
function noticeOf({ id, url, disabledReason }: WebhookRow): { subject: string; text: string } {
  const { host } = new URL(url);
  const why =
    disabledReason === 'gone'
      ? 'it answered 410, which says that it is no more'
      : 'nothing that was sent to it in five days arrived';
  return {
    subject: `Parley no longer sends events to ${host}`,
    text: [
      `Parley has switched the webhook at ${host} off, because ${why}.`,
      'What happens from now on is kept as failed. Once the receiver works again, switch the webhook on and have it resent:',
      `PATCH /v1/admin/webhooks/${id} with {"status":"active"}, then POST /v1/admin/webhooks/${id}/resend.`,
    ].join('\n\n'),
  };
}
