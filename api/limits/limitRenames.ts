import type { TopicCommand } from '../../contracts/conversation.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Limits } from './createLimits.ts';
import { keyOf } from './spendMessage.ts';

/**
 * Runs a command. A title counts once, however often its `key` comes (each bot of a group brings the same one), and not at all
 * when it did not come about. Throws `rate_limited` beside what `run` throws.
 */
export async function limitRenames<T>(
  limits: Pick<Limits, 'consumeOnce' | 'giveBack'>,
  { ref, command, key }: { ref: ConversationRef; command: TopicCommand; key: string },
  run: () => Promise<T>,
): Promise<T> {
  if (command.name !== 'rename') return run();
  await limits.consumeOnce('conversation.rename', keyOf(ref), key);
  try {
    return await run();
  } catch (error) {
    await limits.giveBack('conversation.rename', keyOf(ref), key);
    throw error;
  }
}
