import { ApplicationFailure, condition, isCancellation, TemporalFailure } from '@temporalio/workflow';
import { CONVERSATION_ERASED, type RecordTurnInput, type RecordTurnResult } from '../../contracts/activities.ts';
import type { Activities } from './proxies.ts';

/** The recording of turns, one after the other. */
export interface Recording {
  /** Undefined when the conversation is being erased: nothing of the turn was written. */
  run(turn: RecordTurnInput): Promise<RecordTurnResult | undefined>;
  /**
   * Resolves when no turn is being recorded. A replay knows a local activity's result before the timers and activities that
   * ended while it ran; whoever acts on those waits here first, so that commands have the same order both times.
   */
  over(): Promise<void>;
}

/** Records by the local activity, and by the patient one where that fails: both meet the same rows. */
export function createRecording({ record, recordLater }: Pick<Activities, 'record' | 'recordLater'>): Recording {
  let running = false;

  async function recordPatiently(turn: RecordTurnInput, failure: unknown): Promise<RecordTurnResult | undefined> {
    try {
      // A replay may give the failure without the ActivityFailure around it.
      if (!(failure instanceof TemporalFailure) || isCancellation(failure) || isErased(failure)) throw failure;
      return await recordLater.recordTurn(turn);
    } catch (error) {
      if (!isErased(error)) throw error;
      return undefined;
    }
  }

  return {
    // The SDK keeps the stack trace of every promise in a workflow, some 80 µs each; so a turn that goes well makes few here.
    async run(turn) {
      running = true;
      try {
        return await record.recordTurn(turn);
      } catch (failure) {
        return await recordPatiently(turn, failure);
      } finally {
        running = false;
      }
    },
    over: () => condition(() => !running),
  };
}

/** Whether a turn was refused because the conversation is being erased. */
function isErased(error: unknown): boolean {
  const reason = error instanceof TemporalFailure && error.cause instanceof ApplicationFailure ? error.cause : error;
  return reason instanceof ApplicationFailure && reason.type === CONVERSATION_ERASED;
}
