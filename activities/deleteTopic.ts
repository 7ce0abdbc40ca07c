import { Context } from '@temporalio/activity';
import type { TopicOutcome } from '../contracts/erasure.ts';
import type { ConversationRef } from '../contracts/workflowId.ts';
import { DatabaseError } from '../db/databaseError.ts';
import type { TopicPort } from './topicPort.ts';

/** Some minutes of the retry policy: an erasure must not wait for a Telegram that stays away. */
const TOPIC_TRIES = 10;

/** Deletes a topic with best effort: rejects, to be repeated, a few times, and as long as the database is out of reach. */
export async function deleteTopic(topics: TopicPort, ref: ConversationRef): Promise<TopicOutcome> {
  try {
    return await topics.deleteTopic(ref);
  } catch (error) {
    if (error instanceof DatabaseError || Context.current().info.attempt < TOPIC_TRIES) throw error;
    return 'failed:unavailable';
  }
}
