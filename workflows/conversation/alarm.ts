import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { Recording } from './recording.ts';
import type { ConversationState } from './state.ts';
import { dueDeadlines, nextDeadline } from './state.ts';

export interface Alarm {
  /** Looks at the deadlines again; call it after they may have changed. */
  rearm(): void;
}

/**
 * Puts deadlines that are due into the inbox. One timer at a time, and a timer that is early is left to fire and looked at
 * then: a deadline that every message moves costs no timer per message.
 */
export function startAlarm(state: ConversationState, recording: Pick<Recording, 'over'>): Alarm {
  let armed: { at: number; scope: CancellationScope } | undefined;

  function rearm(): void {
    const next = nextDeadline(state);
    if (!next || (armed && armed.at <= next.at)) return;
    armed?.scope.cancel();
    const scope = new CancellationScope();
    armed = { at: next.at, scope };
    void scope.run(() => ring(next.at, next.name)).catch(ignoreCancellation);
  }

  async function ring(at: number, name: string): Promise<void> {
    await sleep(Math.max(at - Date.now(), 1), { summary: `Deadline: ${name}` });
    const now = Date.now();
    await recording.over();
    armed = undefined;
    const due = dueDeadlines(state, now);
    // The turn that decides them calls rearm; an early timer has nothing to decide.
    if (due.length === 0) rearm();
    state.inbox.push(...due);
  }

  return { rearm };
}

function ignoreCancellation(error: unknown): void {
  if (!isCancellation(error)) throw error;
}
