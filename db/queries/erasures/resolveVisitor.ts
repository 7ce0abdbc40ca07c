import { and, asc, eq, inArray, lt } from 'drizzle-orm';
import { unionAll } from 'drizzle-orm/pg-core';
import type { BulkDeleteRequest, VisitorSubject } from '../../../contracts/erasure.ts';
import { conversations } from '../../schema/conversations.ts';
import { portalConversations } from '../../schema/portalConversations.ts';
import { sessions } from '../../schema/sessions.ts';
import type { TenantTx } from '../../withTenant.ts';

/** Ids of the tenant's conversations that are the visitor's, each once; empty when the tenant knows no such visitor. */
export async function resolveVisitor(tx: TenantTx, tenantId: string, subject: VisitorSubject): Promise<string[]> {
  if ('conversationId' in subject) return await knownConversations(tx, tenantId, [subject.conversationId]);
  if ('portalUserId' in subject) {
    const rows = await tx
      .select({ id: portalConversations.conversationId })
      .from(portalConversations)
      .where(and(eq(portalConversations.tenantId, tenantId), eq(portalConversations.userId, subject.portalUserId)));
    return rows.map(({ id }) => id);
  }
  const named =
    'verifiedUserId' in subject
      ? eq(sessions.verifiedUserId, subject.verifiedUserId)
      : eq(sessions.externalSessionId, subject.externalSessionId);
  const rows = await tx
    .select({ id: sessions.conversationId })
    .from(sessions)
    .where(and(eq(sessions.tenantId, tenantId), named));
  return rows.map(({ id }) => id);
}

/** Ids of the conversations that a bulk delete means: known ones of those named, or the longest closed. */
export async function resolveBulk(tx: TenantTx, tenantId: string, request: BulkDeleteRequest): Promise<string[]> {
  if ('ids' in request) return await knownConversations(tx, tenantId, request.ids);
  const rows = await tx
    .select({ id: conversations.id })
    .from(conversations)
    .where(
      and(
        eq(conversations.tenantId, tenantId),
        eq(conversations.status, 'closed'),
        lt(conversations.closedAt, new Date(request.closedBefore)),
      ),
    )
    .orderBy(asc(conversations.closedAt), asc(conversations.id))
    .limit(request.limit);
  return rows.map(({ id }) => id);
}

/** A conversation may have a session without a row yet (nothing was written), or a row without a session (portal, imports). */
async function knownConversations(tx: TenantTx, tenantId: string, ids: string[]): Promise<string[]> {
  const rows = await unionAll(
    tx
      .select({ id: sessions.conversationId })
      .from(sessions)
      .where(and(eq(sessions.tenantId, tenantId), inArray(sessions.conversationId, ids))),
    tx
      .select({ id: conversations.id })
      .from(conversations)
      .where(and(eq(conversations.tenantId, tenantId), inArray(conversations.id, ids))),
    tx
      .select({ id: portalConversations.conversationId })
      .from(portalConversations)
      .where(and(eq(portalConversations.tenantId, tenantId), inArray(portalConversations.conversationId, ids))),
  );
  return [...new Set(rows.map(({ id }) => id))];
}
