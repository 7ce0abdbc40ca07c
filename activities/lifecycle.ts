import type { BaseLogger } from 'pino';
import type { Hub } from '../channels/web/hub.ts';
import type { LifecycleActivities } from '../contracts/activities.ts';
import type { Db } from '../db/createDb.ts';
import { eraseConversation } from '../db/queries/eraseConversation.ts';
import { publish } from './publish.ts';
import type { TopicPort } from './topicPort.ts';

export interface LifecycleDependencies {
  db: Db;
  hub: Pick<Hub, 'publish'>;
  topics: TopicPort;
  logger?: Pick<BaseLogger, 'warn'>;
}

/** Frames without a record, and the end of a conversation. `purgeConversation` rejects only when the database is out of reach. */
export function createLifecycleActivities({ db, hub, topics, logger }: LifecycleDependencies): LifecycleActivities {
  return {
    publishFrames: ({ frames, ...ref }) => publish({ hub, logger }, ref, frames),

    async purgeConversation(ref) {
      // The topic goes first: its address is in the rows.
      await topics.deleteTopic(ref.tenantId, ref.conversationId).catch(() => {
        logger?.warn(
          { tenant_id: ref.tenantId, conversation_id: ref.conversationId },
          'the topic of a purged conversation was not deleted',
        );
      });
      await eraseConversation(db, ref);
    },
  };
}
