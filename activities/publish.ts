import type { BaseLogger } from 'pino';
import type { Hub } from '../channels/web/hub.ts';
import type { ServerFrame } from '../contracts/frames.ts';
import type { ConversationRef } from '../contracts/workflowId.ts';

/** Hands frames to the visitor's sockets. Never rejects: whoever misses a frame reads it from Postgres. */
export async function publish(
  { hub, logger }: { hub: Pick<Hub, 'publish'>; logger?: Pick<BaseLogger, 'warn'> },
  ref: ConversationRef,
  frames: readonly ServerFrame[],
): Promise<void> {
  if (frames.length === 0) return;
  try {
    await hub.publish(ref, frames);
  } catch {
    logger?.warn({ tenant_id: ref.tenantId, conversation_id: ref.conversationId }, 'frames were not published');
  }
}
