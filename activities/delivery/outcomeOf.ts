import type { ChannelFailure, ParkReason } from '../../channels/port.ts';
import type { TelegramSlots } from '../../channels/telegram/slots/slots.ts';
import type { DeliverOutcome } from '../../contracts/activities.ts';
import { unavailableFailure } from './deliveryFailures.ts';
import type { PlannedWrite } from './planWrite.ts';
import { isRepeat, PARKED_RETRY_MS, type Settlement, type WriteAttempt } from './settleWrite.ts';
import { isLook, isTopicChange, managesTopics, stopsAll } from './writeWeight.ts';

/** A longer rest is an outage, of which people hear. */
export const LONGEST_REST_MS = 15 * 60_000;

/** What the workflow is told of a write that failed and is settled. Throws the failures that Temporal repeats. */
export function failureOutcome(
  { write }: WriteAttempt,
  failure: ChannelFailure,
  settlement: Settlement,
  otherBots: boolean,
): DeliverOutcome {
  const goOn: DeliverOutcome = { kind: 'sent', ...settlement };
  switch (failure.kind) {
    case 'parked':
      return otherBots || settlement.settled > 0 || isTopicChange(write) || isGivenUp(write, failure.reason)
        ? goOn
        : { kind: 'parked', reason: failure.reason, retryMs: PARKED_RETRY_MS };
    case 'unavailable':
      throw unavailableFailure(failure.description);
    case 'unknown_outcome':
      // Nothing of ours tells whether the topic was made: back off before another one is.
      if (write.keys.length === 0) throw unavailableFailure(failure.description);
      return goOn;
    case 'rejected':
      return stopsAll(write) ? { kind: 'parked', reason: 'rejected', retryMs: PARKED_RETRY_MS } : goOn;
    default:
      // After a 429 too: the line of slots knows for how long, and whether another bot may write meanwhile.
      return goOn;
  }
}

/** A look that no right is there for: nothing waits for it. */
function isGivenUp(write: PlannedWrite, reason: ParkReason): boolean {
  return reason === 'rights_missing' && isLook(write);
}

/** Why an operator must hear of a failure, if one must: a stable word. */
export function alertOf(write: PlannedWrite, failure: ChannelFailure): string | undefined {
  switch (failure.kind) {
    case 'parked':
      return failure.reason;
    case 'throttled':
      return failure.retryAfterMs > LONGEST_REST_MS ? 'throttled' : undefined;
    case 'unknown_outcome':
      if (write.kind === 'create_topic') return 'topic_unknown';
      return isRepeat(write) ? 'unknown_twice' : undefined;
    case 'rejected':
      return stopsAll(write) || isLastTry(write) ? 'rejected' : undefined;
    default:
      return undefined;
  }
}

/** Words of which agents will never see anything. */
function isLastTry(write: PlannedWrite): boolean {
  return write.kind === 'text' && write.keys.length === 1 && write.afterRefusal === undefined;
}

/** Keeps a bot out of the choice for as long as it cannot write to the group. */
export async function restBot(
  slots: TelegramSlots,
  { botId, chatId, write }: WriteAttempt,
  failure: ChannelFailure,
): Promise<void> {
  if (failure.kind === 'throttled') return slots.pause(botId, chatId, failure.retryAfterMs);
  if (failure.kind !== 'parked') return;
  const { reason } = failure;
  if (isGivenUp(write, reason)) return;
  // Without the right to change topics it may still write in them.
  const scope = reason === 'rights_missing' && managesTopics(write) ? 'topics' : 'messages';
  await slots.refuse({ botId, chatId, scope, reason, ms: PARKED_RETRY_MS });
}
