import type { ApiContext } from '../context.ts';
import { spendMessage } from '../limits/spendMessage.ts';
import type { Visitor } from './visitor.ts';

/**
 * Hands a visitor's rating of the closed conversation to the engine; resolves with the one that counts once it is recorded. It
 * is limited as a message is. Throws `conversation_open`, `rate_limited` or what the engine throws.
 */
export async function acceptRating(api: ApiContext, visitor: Visitor, rating: number): Promise<number> {
  const site = await api.directory.site(visitor.siteKey);
  spendMessage(api.limits, visitor.ref, site.tenant.settings.limits);
  return api.engine.rate(visitor.ref, rating);
}
