import {
  ActivityFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { ErasureProgress } from '../../contracts/erasure.ts';
import { type ErasureActivities, type ErasureRef, UPKEEP_TASK_QUEUE } from '../../contracts/upkeep.ts';
import { progressQuery } from './messages.ts';

/** The edge promises that revoked sessions are refused everywhere within 5 s; until then a message may still be accepted. */
const REVOKED_EVERYWHERE = '7s';

/** The longest attempt of an activity that a terminated conversation may have left behind: a write to its topic. */
const LAST_ATTEMPT_OVER = '70s';

const PAGE = 50;

type Steps = ReturnType<typeof erasureSteps>;

/**
 * Erases what is known of conversations: their workflows end, topic and rows go, then the histories. Survives whatever
 * restarts; every step may be repeated. What cannot be done (a topic that Telegram keeps) is in the receipt.
 */
export async function erasure(ref: ErasureRef): Promise<void> {
  const steps = erasureSteps(ref.tenantId);
  const { quick } = steps;
  const progress: ErasureProgress = { conversations: 0, erased: 0, doing: 'beginning' };
  setHandler(progressQuery, () => progress);
  const begun = await quick.beginErasure(ref);
  if (!begun) return;
  Object.assign(progress, begun);
  try {
    await eraseAll(ref, steps, progress);
    await quick.finishErasure({ ...ref, state: 'done' });
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    await quick.finishErasure({ ...ref, state: 'failed' });
    throw error;
  }
}

async function eraseAll(ref: ErasureRef, steps: Steps, progress: ErasureProgress): Promise<void> {
  progress.doing = 'waiting until no instance accepts a message';
  await sleep(REVOKED_EVERYWHERE, { summary: 'Every instance refuses the revoked sessions' });
  for (;;) {
    const conversationIds = await steps.quick.listToErase({ ...ref, limit: PAGE });
    if (conversationIds.length === 0) return;
    for (const conversationId of conversationIds) {
      progress.doing = `erasing conversation ${conversationId}`;
      await eraseOne(ref, conversationId, steps);
      progress.erased += 1;
      if (!workflowInfo().continueAsNewSuggested) continue;
      await condition(allHandlersFinished);
      await continueAsNew<typeof erasure>(ref);
    }
  }
}

/** In this order: nothing writes any more, the topic while its address is known, the rows, what Temporal remembers. */
async function eraseOne(ref: ErasureRef, conversationId: string, { quick, patient }: Steps): Promise<void> {
  const conversation = { tenantId: ref.tenantId, conversationId };
  if (!(await patient.endConversation(conversation))) {
    await quick.terminateConversation(conversation);
    await sleep(LAST_ATTEMPT_OVER, { summary: 'What the conversation left running ends' });
  }
  const topic = await quick.deleteTopic(conversation);
  await quick.eraseRows({ ...ref, conversationId, topic });
  const runIds = await quick.listRuns(conversation);
  await patient.deleteRuns({ ...conversation, runIds });
  await quick.noteErased({ ...ref, conversationId, workflowRuns: runIds.length });
}

function erasureSteps(tenantId: string) {
  const common = {
    taskQueue: UPKEEP_TASK_QUEUE,
    // Without end: whoever asked for it must not have to ask again after an outage.
    retry: { initialInterval: '1s', maximumInterval: '1m' },
    priority: { fairnessKey: tenantId },
  } as const;
  return {
    quick: proxyActivities<ErasureActivities>({ ...common, startToCloseTimeout: '30s' }),
    // These wait for others, and say meanwhile that they are alive.
    patient: proxyActivities<ErasureActivities>({ ...common, startToCloseTimeout: '10m', heartbeatTimeout: '15s' }),
  };
}
