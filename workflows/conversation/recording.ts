import { ApplicationFailure, condition, isCancellation, TemporalFailure } from '@temporalio/workflow';
import { CONVERSATION_ERASED, type RecordTurnInput, type RecordTurnResult } from '../../contracts/activities.ts';
import type { Activities } from './proxies.ts';

/**
 * The recording of turns, one after the other: `attempt`, `retry` where that fails, and `end` whatever came of it. They are
 * three, so that a turn that goes well makes no promise here: the SDK keeps the stack trace of each in a workflow, some 80 µs.
 */
export interface Recording {
  /** The local activity, which is short. */
  attempt(turn: RecordTurnInput): Promise<RecordTurnResult>;
  /**
   * The patient activity after the local one's failure: both meet the same rows. Undefined when the conversation is being
   * erased: nothing of the turn was written.
   */
  retry(turn: RecordTurnInput, failure: unknown): Promise<RecordTurnResult | undefined>;
  /** Lets those go on who wait for `over`. */
  end(): void;
  /**
   * Resolves when no turn is being recorded. A replay knows a local activity's result before the timers and activities that
   * ended while it ran; whoever acts on those waits here first, so that commands have the same order both times.
   */
  over(): Promise<void>;
}

export function createRecording({ record, recordLater }: Pick<Activities, 'record' | 'recordLater'>): Recording {
  let running = false;
  return {
    attempt(turn) {
      running = true;
      return record.recordTurn(turn);
    },
    async retry(turn, failure) {
      try {
        // A replay may give the failure without the ActivityFailure around it.
        if (!(failure instanceof TemporalFailure) || isCancellation(failure) || isErased(failure)) throw failure;
        return await recordLater.recordTurn(turn);
      } catch (error) {
        if (!isErased(error)) throw error;
        return undefined;
      }
    },
    end() {
      running = false;
    },
    over: () => condition(() => !running),
  };
}

/** Whether a turn was refused because the conversation is being erased. */
function isErased(error: unknown): boolean {
  const reason = error instanceof TemporalFailure && error.cause instanceof ApplicationFailure ? error.cause : error;
  return reason instanceof ApplicationFailure && reason.type === CONVERSATION_ERASED;
}
