import type { BaseLogger } from 'pino';
import type { Hub } from '../channels/web/hub.ts';
import type { LifecycleActivities } from '../contracts/activities.ts';
import type { ConversationRef } from '../contracts/workflowId.ts';
import type { Db } from '../db/createDb.ts';
import { emptyConversation } from '../db/queries/emptyConversation.ts';
import { eraseConversation } from '../db/queries/eraseConversation.ts';
import type { FileStorage } from '../storage/port.ts';
import { deleteTopic } from './deleteTopic.ts';
import { removeFiles } from './files/removeFiles.ts';
import { publish } from './publish.ts';
import type { TopicPort } from './topicPort.ts';

export interface LifecycleDependencies {
  db: Db;
  hub: Pick<Hub, 'publish' | 'announceRevocation'>;
  topics: TopicPort;
  storage: Pick<FileStorage, 'remove'>;
  logger?: Pick<BaseLogger, 'warn'>;
}

/**
 * Frames without a record, and the end of a conversation or of what was said in it. Deleting rejects while the database is out of reach, and
 * a few times while the topic cannot be deleted yet.
 */
export function createLifecycleActivities({
  db,
  hub,
  topics,
  storage,
  logger,
}: LifecycleDependencies): LifecycleActivities {
  /** Its address is in the rows. */
  async function deleteTopicFirst(ref: ConversationRef): Promise<void> {
    const outcome = await deleteTopic(topics, ref);
    if (outcome === 'deleted' || outcome === 'none') return;
    logger?.warn(
      { tenant_id: ref.tenantId, conversation_id: ref.conversationId, outcome },
      'the topic of a deleted conversation is still there',
    );
  }

  return {
    publishFrames: ({ frames, ...ref }) => publish({ hub, logger }, ref, frames),

    async purgeConversation(ref) {
      await deleteTopicFirst(ref);
      await removeFiles({ db, storage }, ref);
      await eraseConversation(db, ref);
      await hub.announceRevocation(ref);
    },

    async emptyConversation({ turn, owner, ...ref }) {
      await deleteTopicFirst(ref);
      await removeFiles({ db, storage }, ref);
      const upToSeq = await emptyConversation(db, ref, { turn, owner });
      if (upToSeq !== undefined) await publish({ hub, logger }, ref, [{ type: 'conversation_reset', upToSeq }]);
    },
  };
}
