import { CodedError } from '../../contracts/errors.ts';
import type { ApiContext } from '../context.ts';
import { acceptMessage } from '../edge/acceptMessage.ts';
import { acceptRating } from '../edge/acceptRating.ts';
import { admitVisitor, type Visitor } from '../edge/visitor.ts';
import type { Participant } from './participant.ts';

/**
 * Lets the visitor of one socket in, by a token that no other socket was opened with; the same socket may bring its token again.
 * A client of the first contract, which cannot get another, comes back with the one that it has.
 */
export function createWebchatDoor(
  api: ApiContext,
  origin: string | undefined,
): (token: string) => Promise<Participant> {
  const usedHere = new Set<string>();

  async function useUp({ isV1, tokenId, expiresAt }: Visitor): Promise<void> {
    if (isV1 || usedHere.has(tokenId)) return;
    if (!(await api.singleUse.take(tokenId, expiresAt))) {
      throw new CodedError('token_used', 'A socket was opened with this token before; ask for a new one.');
    }
    usedHere.add(tokenId);
  }

  return async (token) => {
    const visitor = await admitVisitor(api, token, origin);
    await useUp(visitor);
    return {
      ref: visitor.ref,
      expiresAt: visitor.expiresAt,
      sendsNoIds: visitor.isV1,
      accept: (message) => acceptMessage(api, visitor, message),
      rate: (rating) => acceptRating(api, visitor, rating),
      watch: (onRevoked) => api.revocations.follow(visitor.ref, onRevoked),
    };
  };
}
