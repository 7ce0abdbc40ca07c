import type { RevocationCode } from '../../contracts/revocation.ts';
import type { MessageRequest } from '../../contracts/webchat.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';

/** Whoever writes in one conversation through a socket: a visitor of a site, or a user of the portal. */
export interface Participant {
  ref: ConversationRef;
  /** When the permission ends, unless it is renewed. */
  expiresAt: Date;
  /** Resolves once the message cannot be lost any more. Rejects with a CodedError. */
  accept(message: MessageRequest): Promise<void>;
  /** Resolves with the rating that counts, once it is recorded. Rejects with a CodedError. */
  rate(rating: number): Promise<number>;
  /** Where the permission rests on a session that may be over at any time: looks again, at `expiresAt`. */
  renew?(): Promise<Participant>;
  /** Where the permission may be withdrawn at any moment: calls `onRevoked` then, until the returned function is called. */
  watch?(onRevoked: (code: RevocationCode) => void): () => void;
  /** Sends messages without `clientMessageId`, as the first contract has it; a repeat cannot be known for one then. */
  sendsNoIds?: boolean;
}
