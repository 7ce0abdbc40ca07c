import { CodedError } from '../../contracts/errors.ts';
import type { Revocation } from '../../contracts/revocation.ts';
import type { Environment } from '../../contracts/tenantSettings.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Db } from '../../db/createDb.ts';
import { getSession, type Session } from '../../db/queries/getSession.ts';
import { getSiteByKey } from '../../db/queries/getSiteByKey.ts';
import type { Site } from '../../db/queries/loadSite.ts';
import { StaleCache } from './staleCache.ts';

/** How late an instance sees that a site was changed, a tenant suspended or a conversation erased; with the loading, under 5 s. */
const FRESH_MS = 2_000;
const PATIENCE_MS = 300;
const MAX_SITES = 1_000;
const MAX_SESSIONS = 20_000;

/** What the edge knows of sites and visitors: a few seconds old at most, older while the database is out of reach. */
export interface Directory {
  /** Throws `site_unknown`, also for a site that is switched off, and `tenant_suspended`. */
  site(siteKey: string): Promise<Site>;
  /** Throws `conversation_not_found`: never opened, or erased. */
  session(ref: ConversationRef): Promise<Session>;
  remember(session: Session): void;
  /** What was known of the conversation, or of all that is the tenant's, is asked for anew. */
  forget(revocation: Revocation): void;
}

export function createDirectory(db: Db, environment: Environment): Directory {
  const limits = { freshMs: FRESH_MS, patienceMs: PATIENCE_MS };
  const sites = new StaleCache({
    ...limits,
    maxEntries: MAX_SITES,
    load: (siteKey) => getSiteByKey(db, siteKey, environment),
  });
  const sessions = new StaleCache({
    ...limits,
    maxEntries: MAX_SESSIONS,
    load: (key) => getSession(db, refOf(key)),
  });

  return {
    async site(siteKey) {
      const site = await sites.get(siteKey);
      if (!site || site.rollout === 'off') throw new CodedError('site_unknown', 'There is no site with this key.');
      if (site.tenant.status === 'suspended') throw new CodedError('tenant_suspended', 'This tenant is suspended.');
      return site;
    },
    async session(ref) {
      const session = await sessions.get(keyOf(ref));
      if (!session) throw new CodedError('conversation_not_found', 'There is no such conversation.');
      return session;
    },
    remember: (session) => sessions.set(keyOf(session), session),
    forget({ tenantId, conversationId }) {
      if (conversationId !== undefined) return sessions.delete(keyOf({ tenantId, conversationId }));
      sites.deleteWhere((site) => site?.tenantId === tenantId);
      sessions.deleteWhere((session) => session?.tenantId === tenantId);
    },
  };
}

function keyOf({ tenantId, conversationId }: ConversationRef): string {
  return `${tenantId}/${conversationId}`;
}

function refOf(key: string): ConversationRef {
  const [tenantId = '', conversationId = ''] = key.split('/');
  return { tenantId, conversationId };
}
