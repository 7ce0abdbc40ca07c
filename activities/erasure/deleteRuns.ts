import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { ConversationRuns } from './conversationRuns.ts';

const POLL_MS = 200;

/** Deletes runs with their histories, the oldest first, so that what is left still leads to the rest. Ends when all are gone. */
export async function deleteRuns(
  runs: ConversationRuns,
  ref: ConversationRef,
  runIds: readonly string[],
): Promise<void> {
  const { cancellationSignal } = Context.current();
  for (const runId of runIds.toReversed()) {
    await runs.deleteRun(ref, runId);
    while (await runs.isKept(ref, runId)) await sleep(POLL_MS, undefined, { signal: cancellationSignal });
  }
}
