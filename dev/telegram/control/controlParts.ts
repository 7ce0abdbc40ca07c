import type { Emulator } from '../emulator.ts';
import type { LongPoll } from '../updates/longPoll.ts';
import type { RecentUpdates } from '../updates/recentUpdates.ts';
import type { WebhookSender } from '../updates/webhookSender.ts';

/** What the control methods work on. */
export interface ControlParts extends Emulator {
  longPoll: LongPoll;
  webhooks: WebhookSender;
  recentUpdates: RecentUpdates;
}
