import type { TopicCommand } from '../../contracts/conversation.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Limits } from './createLimits.ts';
import { keyOf } from './spendMessage.ts';

/** Runs a command; a title that did not come about does not count. Throws `rate_limited` beside what `run` throws. */
export async function limitRenames<T>(
  limits: Pick<Limits, 'consume' | 'giveBack'>,
  { ref, command }: { ref: ConversationRef; command: TopicCommand },
  run: () => Promise<T>,
): Promise<T> {
  if (command.name !== 'rename') return run();
  await limits.consume('conversation.rename', keyOf(ref));
  try {
    return await run();
  } catch (error) {
    await limits.giveBack('conversation.rename', keyOf(ref));
    throw error;
  }
}
