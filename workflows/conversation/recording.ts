import { ApplicationFailure, condition, isCancellation, TemporalFailure } from '@temporalio/workflow';
import { CONVERSATION_ERASED, type RecordTurnInput, type RecordTurnResult } from '../../contracts/activities.ts';
import type { Activities } from './proxies.ts';

/** The recording of turns, one after the other. */
export interface Recording {
  run(turn: RecordTurnInput): Promise<RecordTurnResult>;
  /**
   * Resolves when no turn is being recorded. A replay knows a local activity's result before the timers and activities that
   * ended while it ran; whoever acts on those waits here first, so that commands have the same order both times.
   */
  over(): Promise<void>;
}

/** Records by the local activity, and by the patient one where that fails: both meet the same rows. */
export function createRecording({ record, recordLater }: Pick<Activities, 'record' | 'recordLater'>): Recording {
  let running = false;

  async function attempt(turn: RecordTurnInput): Promise<RecordTurnResult> {
    try {
      return await record.recordTurn(turn);
    } catch (error) {
      // A replay may give the failure without the ActivityFailure around it.
      if (!(error instanceof TemporalFailure) || isCancellation(error) || isErased(error)) throw error;
      return recordLater.recordTurn(turn);
    }
  }

  return {
    async run(turn) {
      running = true;
      try {
        return await attempt(turn);
      } finally {
        running = false;
      }
    },
    over: () => condition(() => !running),
  };
}

/** Whether a turn was refused because the conversation is being erased. */
export function isErased(error: unknown): boolean {
  const reason = error instanceof TemporalFailure && error.cause instanceof ApplicationFailure ? error.cause : error;
  return reason instanceof ApplicationFailure && reason.type === CONVERSATION_ERASED;
}
