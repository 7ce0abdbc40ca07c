import type { ChannelFailure } from '../../channels/port.ts';
import type { TelegramSlots } from '../../channels/telegram/slots/slots.ts';
import type { DeliverOutcome } from '../../contracts/activities.ts';
import { throttledFailure, unavailableFailure } from './deliveryFailures.ts';
import { PARKED_RETRY_MS, type Settlement, type WriteAttempt } from './settleWrite.ts';

/** A longer rest is not waited for within one activity's retries. */
const LONGEST_REST_MS = 15 * 60_000;

/** What the workflow is told of a write that failed and is settled. Throws the failures that Temporal repeats. */
export function failureOutcome(
  { write }: WriteAttempt,
  failure: ChannelFailure,
  settlement: Settlement,
  otherBots: boolean,
): DeliverOutcome {
  const goOn: DeliverOutcome = { kind: 'sent', ...settlement };
  switch (failure.kind) {
    case 'throttled':
      if (otherBots) return goOn;
      if (failure.retryAfterMs <= LONGEST_REST_MS) throw throttledFailure(failure.retryAfterMs);
      return { kind: 'parked', reason: 'throttled', retryMs: failure.retryAfterMs };
    case 'parked':
      return otherBots || settlement.settled > 0
        ? goOn
        : { kind: 'parked', reason: failure.reason, retryMs: PARKED_RETRY_MS };
    case 'unavailable':
      throw unavailableFailure(failure.description);
    case 'unknown_outcome':
      // Nothing of ours tells whether the topic was made: back off before another one is.
      if (write.keys.length === 0) throw unavailableFailure(failure.description);
      return goOn;
    case 'rejected':
      return write.keys.length === 0 ? { kind: 'parked', reason: 'rejected', retryMs: PARKED_RETRY_MS } : goOn;
    default:
      return goOn;
  }
}

/** Keeps a bot out of the reservations for as long as it cannot write to the group. */
export async function restBot(
  slots: TelegramSlots,
  attempt: WriteAttempt,
  failure: ChannelFailure,
  otherBots: boolean,
) {
  if (failure.kind === 'throttled') await slots.pause(attempt.botId, attempt.chatId, failure.retryAfterMs);
  if (failure.kind === 'parked' && otherBots) await slots.pause(attempt.botId, attempt.chatId, PARKED_RETRY_MS);
}
