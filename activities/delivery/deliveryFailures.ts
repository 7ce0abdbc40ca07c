import { ApplicationFailure } from '@temporalio/common';

/** Telegram asked for a rest: Temporal calls again after exactly that long. */
export function throttledFailure(retryAfterMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'TelegramThrottled',
    message: `Telegram asks for a rest of ${Math.ceil(retryAfterMs / 1_000)} s`,
    nextRetryDelay: retryAfterMs,
  });
}

/** Telegram is out of reach; nothing was done. `reason` is a stable word. */
export function unavailableFailure(reason: string): ApplicationFailure {
  return ApplicationFailure.create({ type: 'TelegramUnavailable', message: `Telegram is out of reach: ${reason}` });
}

/** Another attempt writes to the same topic, or is given up only when its lease ends. */
export function busyFailure(retryMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'TopicBusy',
    message: 'Another attempt writes to this topic',
    nextRetryDelay: Math.max(1, Math.ceil(retryMs)),
  });
}

/** The budget's next slot is that far away; the next attempt finds it reserved. */
export function slotFailure(waitMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'TelegramSlot',
    message: 'The write waits for its slot',
    nextRetryDelay: Math.max(1, Math.ceil(waitMs)),
  });
}
