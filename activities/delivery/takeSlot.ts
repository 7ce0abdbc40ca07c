import { setTimeout as sleep } from 'node:timers/promises';
import type { SlotAnswer, SlotRequest, TelegramSlots } from '../../channels/telegram/slots/slots.ts';
import { OUTBOX_PRIORITY } from '../../contracts/outboxPriority.ts';
import type { DeliveryHead, DeliveryOutlook } from '../../db/queries/outbox/peekDelivery.ts';
import { LONGEST_REST_MS } from './outcomeOf.ts';
import { isTopicChange } from './writeWeight.ts';

/** A turn that is at most that far away is waited for here; a timer of the workflow would cost more than it saves. */
const NEAR_MS = 250;

/** Asks for the next writes of the group, and waits for a turn that is near. */
export async function takeSlot(slots: TelegramSlots, request: SlotRequest): Promise<SlotAnswer> {
  for (;;) {
    const answer = await slots.reserve(request);
    if (answer.kind !== 'wait' || answer.waitMs > NEAR_MS) return answer;
    await sleep(answer.waitMs);
  }
}

/** Whether the bots that were asked for are out for longer than anybody waits for them. */
export function isOut(slot: SlotAnswer): boolean {
  return slot.kind === 'refused' || (slot.kind === 'wait' && slot.resting && slot.waitMs > LONGEST_REST_MS);
}

/** How urgent the conversation's next write is: agents must see that somebody new is there before they can answer. */
export function slotNeed(
  { words, priority, since }: NonNullable<DeliveryOutlook['waiting']>,
  { hasTopic, head }: { hasTopic: boolean; head: DeliveryHead | undefined },
): Pick<SlotRequest, 'priority' | 'since' | 'scope' | 'wanted'> {
  const scope = head && (head.locked || isTopicChange(head)) ? 'topics' : 'messages';
  if (hasTopic) return { priority, since, scope, wanted: head?.writes ?? 1 };
  return { priority: words ? OUTBOX_PRIORITY.urgent : priority, since, scope: 'topics', wanted: 1 };
}
