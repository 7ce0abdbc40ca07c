import type { ConversationInput } from '../../contracts/conversation.ts';
import type { Session } from '../../db/queries/getSession.ts';
import type { Site } from '../../db/queries/loadSite.ts';

/** What a visitor's conversation is opened with. */
export function conversationInput(session: Session, site: Site): ConversationInput {
  return {
    tenantId: session.tenantId,
    conversationId: session.conversationId,
    channel: 'web',
    visitor: {
      name: session.visitorName ?? undefined,
      externalSessionId: session.externalSessionId ?? undefined,
    },
    source: session.source,
    setup: {
      siteId: site.siteId,
      flow: site.flow,
      settings: site.settings,
      claimPolicy: site.tenant.settings.agents.claimPolicy,
    },
  };
}
