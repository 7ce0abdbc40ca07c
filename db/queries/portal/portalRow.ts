import { and, eq } from 'drizzle-orm';
import type { PortalConversation } from '../../../contracts/portal.ts';
import { aiAgents } from '../../schema/aiAgents.ts';
import { conversations } from '../../schema/conversations.ts';
import { portalConversations } from '../../schema/portalConversations.ts';
import type { TenantTx } from '../../withTenant.ts';

/** A person's conversation, the agent that it is with, and how it stands; nothing stands before the first message. */
export function selectPortal(tx: TenantTx) {
  return tx
    .select({
      id: portalConversations.conversationId,
      tenantId: portalConversations.tenantId,
      userId: portalConversations.userId,
      createdAt: portalConversations.createdAt,
      agent: {
        id: aiAgents.id,
        slug: aiAgents.slug,
        name: aiAgents.name,
        greeting: aiAgents.greeting,
        enabled: aiAgents.enabled,
      },
      status: conversations.status,
      lastSeq: conversations.lastSeq,
      updatedAt: conversations.updatedAt,
    })
    .from(portalConversations)
    .innerJoin(
      aiAgents,
      and(eq(aiAgents.tenantId, portalConversations.tenantId), eq(aiAgents.id, portalConversations.agentId)),
    )
    .leftJoin(
      conversations,
      and(
        eq(conversations.tenantId, portalConversations.tenantId),
        eq(conversations.id, portalConversations.conversationId),
      ),
    );
}

export type PortalRow = Awaited<ReturnType<typeof selectPortal>>[number];

/** As the portal shows it. */
export function toPortalConversation({ createdAt, updatedAt, status, lastSeq, ...row }: PortalRow): PortalConversation {
  return {
    ...row,
    status: status ?? 'new',
    lastSeq: lastSeq ?? 0,
    createdAt: createdAt.toISOString(),
    updatedAt: (updatedAt ?? createdAt).toISOString(),
  };
}
