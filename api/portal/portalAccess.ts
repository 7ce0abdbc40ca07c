import { CodedError } from '../../contracts/errors.ts';
import { findPortalTenant } from '../../db/queries/portal/findPortalTenant.ts';
import { getPortalConversation } from '../../db/queries/portal/getPortalConversation.ts';
import type { PortalRow } from '../../db/queries/portal/portalRow.ts';
import type { PersonPrincipal } from '../access/principal.ts';
import type { ApiContext } from '../context.ts';
import { portalTenant } from './portalTenant.ts';

/** Platform admins read every conversation; only whose it is writes in it. */
export type PortalRight = 'read' | 'write';

type Portal = Pick<ApiContext, 'db' | 'rights'>;

/**
 * The conversation, for a person who has this right to it. Throws `conversation_not_found`, with the same words for somebody
 * else's and for none; `tenant_suspended`.
 */
export async function portalConversationFor(
  { db, rights }: Portal,
  person: PersonPrincipal,
  conversationId: string,
  right: PortalRight,
): Promise<PortalRow> {
  const tenantId = await findPortalTenant(db, conversationId);
  const row = tenantId && (await getPortalConversation(db, { tenantId, conversationId }));
  if (!row || !isOpenTo(person, row, right)) throw notFound();
  await portalTenant(rights, person, row.tenantId);
  return row;
}

function isOpenTo({ userId, roles, platformAdmin }: PersonPrincipal, row: PortalRow, right: PortalRight): boolean {
  if (platformAdmin && right === 'read') return true;
  return row.userId === userId && (platformAdmin || roles.has(row.tenantId));
}

function notFound(): CodedError {
  return new CodedError('conversation_not_found', 'There is no such conversation.');
}
