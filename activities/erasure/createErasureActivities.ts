import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { BaseLogger } from 'pino';
import type { ErasureActivities, ErasureRef } from '../../contracts/upkeep.ts';
import type { Db } from '../../db/createDb.ts';
import { beginErasure } from '../../db/queries/erasures/beginErasure.ts';
import { eraseRows } from '../../db/queries/erasures/eraseRows.ts';
import { finishErasure } from '../../db/queries/erasures/finishErasure.ts';
import { listToErase } from '../../db/queries/erasures/listToErase.ts';
import { noteErased } from '../../db/queries/erasures/noteErased.ts';
import type { FileStorage } from '../../storage/port.ts';
import { deleteTopic } from '../deleteTopic.ts';
import { removeFiles } from '../files/removeFiles.ts';
import type { TopicPort } from '../topicPort.ts';
import { whileHeartbeating } from '../whileHeartbeating.ts';
import type { ConversationRuns } from './conversationRuns.ts';
import { deleteRuns } from './deleteRuns.ts';

export interface ErasureDependencies {
  db: Db;
  topics: TopicPort;
  storage: Pick<FileStorage, 'remove'>;
  runs: ConversationRuns;
  logger: Pick<BaseLogger, 'info' | 'error'>;
}

const HEARTBEAT_EVERY_MS = 3_000;

/** A conversation that was asked to end finishes what is under way: a turn, or a write to its topic (60 s at most). */
const END_WITHIN_MS = 75_000;
const POLL_MS = 200;

/** The request starts the workflow just before it commits; one that is not there after so many tries never was. */
const COMMIT_TRIES = 10;

/** The steps of an erasure. Each waits for its database, or for Temporal, as long as it takes. */
export function createErasureActivities({ db, topics, storage, runs, logger }: ErasureDependencies): ErasureActivities {
  return {
    async beginErasure(ref) {
      const begun = await beginErasure(db, ref);
      if (begun) {
        logger.info({ ...named(ref), ...begun }, 'an erasure goes on');
        return begun;
      }
      if (Context.current().info.attempt >= COMMIT_TRIES) return null;
      throw ApplicationFailure.retryable('The request is not committed yet', 'ErasureNotCommitted');
    },

    listToErase: ({ limit, ...ref }) => listToErase(db, ref, limit),

    endConversation: (ref) =>
      whileHeartbeating(HEARTBEAT_EVERY_MS, async () => {
        const deadline = Date.now() + END_WITHIN_MS;
        await runs.requestEnd(ref);
        while (await runs.isOpen(ref)) {
          if (Date.now() > deadline) return false;
          await sleep(POLL_MS, undefined, { signal: Context.current().cancellationSignal });
        }
        return true;
      }),

    terminateConversation: (ref) => runs.terminate(ref),

    deleteTopic: (ref) => deleteTopic(topics, ref),

    async eraseRows({ topic, ...step }) {
      await removeFiles({ db, storage }, step);
      await eraseRows(db, step, topic);
    },

    listRuns: (ref) => runs.listRuns(ref),

    deleteRuns: ({ runIds, ...ref }) => whileHeartbeating(HEARTBEAT_EVERY_MS, () => deleteRuns(runs, ref, runIds)),

    noteErased: ({ workflowRuns, ...step }) => noteErased(db, step, workflowRuns),

    async finishErasure({ state, ...ref }) {
      await finishErasure(db, ref, state);
      if (state === 'done') logger.info(named(ref), 'an erasure is done');
      else logger.error(named(ref), 'an erasure failed');
    },
  };
}

function named({ tenantId, erasureId }: ErasureRef) {
  return { tenant_id: tenantId, erasure_id: erasureId };
}
