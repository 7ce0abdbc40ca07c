import { Context } from '@temporalio/activity';
import type { BaseLogger } from 'pino';
import type { Hub } from '../channels/web/hub.ts';
import type { LifecycleActivities } from '../contracts/activities.ts';
import type { ConversationRef } from '../contracts/workflowId.ts';
import type { Db } from '../db/createDb.ts';
import { DatabaseError } from '../db/databaseError.ts';
import { eraseConversation } from '../db/queries/eraseConversation.ts';
import { publish } from './publish.ts';
import type { TopicPort } from './topicPort.ts';

export interface LifecycleDependencies {
  db: Db;
  hub: Pick<Hub, 'publish'>;
  topics: TopicPort;
  logger?: Pick<BaseLogger, 'warn'>;
}

/** Some minutes of the retry policy: an erasure must not wait for a Telegram that stays away. */
const TOPIC_TRIES = 10;

/**
 * Frames without a record, and the end of a conversation. `purgeConversation` rejects while the database is out of reach, and
 * a few times while the topic cannot be deleted yet.
 */
export function createLifecycleActivities({ db, hub, topics, logger }: LifecycleDependencies): LifecycleActivities {
  async function deleteTopic({ tenantId, conversationId }: ConversationRef): Promise<boolean> {
    try {
      return await topics.deleteTopic(tenantId, conversationId);
    } catch (error) {
      if (error instanceof DatabaseError || Context.current().info.attempt < TOPIC_TRIES) throw error;
      return false;
    }
  }

  return {
    publishFrames: ({ frames, ...ref }) => publish({ hub, logger }, ref, frames),

    async purgeConversation(ref) {
      // The topic goes first: its address is in the rows.
      if (!(await deleteTopic(ref))) {
        logger?.warn(
          { tenant_id: ref.tenantId, conversation_id: ref.conversationId },
          'the topic of a purged conversation was not deleted',
        );
      }
      await eraseConversation(db, ref);
    },
  };
}
