import { sql } from 'drizzle-orm';
import type { RevocationCode } from '../../../contracts/revocation.ts';
import type { Db } from '../../createDb.ts';
import { memberships } from '../../schema/memberships.ts';
import { users } from '../../schema/people/users.ts';
import { portalConversations } from '../../schema/portalConversations.ts';
import { sessions } from '../../schema/sessions.ts';
import { tenants } from '../../schema/tenants.ts';
import { withTenant } from '../../withTenant.ts';

/** Of these conversations of a tenant, the ones whose visitors, or people of the portal, may stay no more, and why. */
export async function listRevoked(
  db: Db,
  tenantId: string,
  conversationIds: readonly string[],
): Promise<Map<string, RevocationCode>> {
  const { rows } = await withTenant(db, tenantId, (tx) =>
    tx.execute<{ conversation_id: string; code: RevocationCode | null }>(sql`
      select asked.conversation_id, case
        when not exists (select from ${tenants} where ${tenants.id} = ${tenantId} and ${tenants.status} = 'active')
          then 'tenant_suspended'
        when coalesce(${sessions.conversationId}, ${portalConversations.conversationId}) is null then 'conversation_not_found'
        when ${sessions.revokedAt} is not null then 'session_revoked'
        when ${portalConversations.userId} is not null
          and not exists (select from ${memberships} where ${memberships.tenantId} = ${tenantId}
            and ${memberships.userId} = ${portalConversations.userId})
          and not exists (select from ${users} where ${users.id} = ${portalConversations.userId} and ${users.platformAdmin})
          then 'conversation_not_found'
      end as code
      from unnest(${sql.param([...conversationIds])}::uuid[]) as asked (conversation_id)
      left join ${sessions}
        on ${sessions.tenantId} = ${tenantId} and ${sessions.conversationId} = asked.conversation_id
      left join ${portalConversations}
        on ${portalConversations.tenantId} = ${tenantId} and ${portalConversations.conversationId} = asked.conversation_id`),
  );
  const revoked = new Map<string, RevocationCode>();
  for (const { conversation_id: id, code } of rows) if (code) revoked.set(id, code);
  return revoked;
}
