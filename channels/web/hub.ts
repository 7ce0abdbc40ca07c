import type { ServerFrame } from '../../contracts/frames.ts';
import type { Revocation } from '../../contracts/revocation.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';

/** Fan-out from workers to the instances that hold a visitor's sockets. It may lose frames; Postgres is what is read after a loss. */
export interface Hub {
  /** Never rejects and never waits for a dead Redis: frames that cannot go out soon are dropped. */
  publish(ref: ConversationRef, frames: readonly ServerFrame[]): Promise<void>;
  /** Resolves once frames published from now on will arrive. The returned function ends the subscription. */
  subscribe(ref: ConversationRef, onFrames: (frames: ServerFrame[]) => void): Promise<() => Promise<void>>;
  /**
   * Tells every instance to look again who may still be there: after a conversation was erased, a session revoked, a tenant
   * suspended or resumed. Like `publish` it never rejects; instances that miss it find out by themselves within seconds.
   */
  announceRevocation(revocation: Revocation): Promise<void>;
  /** The returned function ends the subscription. */
  onRevocation(listener: (revocation: Revocation) => void): Promise<() => Promise<void>>;
  /** Called whenever frames may have been lost (the connection came back): subscribers read Postgres. Returns the remover. */
  onGap(listener: () => void): () => void;
  /** False while the connection is down: subscribers had better poll. */
  readonly connected: boolean;
  close(): Promise<void>;
}

/** `scv2:frames:<tenantId>:<conversationId>` */
export function framesChannel(prefix: string, { tenantId, conversationId }: ConversationRef): string {
  return `${prefix}:frames:${tenantId}:${conversationId}`;
}

/** One for the whole installation: such messages are rare. */
export function revocationsChannel(prefix: string): string {
  return `${prefix}:revocations`;
}
