import type { FastifyRequest } from 'fastify';
import { CodedError } from '../../contracts/errors.ts';
import { authenticate } from '../access/authenticate.ts';
import type { PersonPrincipal } from '../access/principal.ts';
import type { ApiContext } from '../context.ts';
import { requireOrigin } from '../edge/origin.ts';
import { spendMessage } from '../limits/spendMessage.ts';
import { acceptPortalMessage } from '../portal/acceptPortalMessage.ts';
import { portalConversationFor } from '../portal/portalAccess.ts';
import { portalTenant } from '../portal/portalTenant.ts';
import { requirePortalToken } from '../portal/portalToken.ts';
import type { Participant } from './participant.ts';
import type { VisitorSocketOptions } from './visitorSocket.ts';

/** How often a socket's person is looked at again: one who signed out or is a member no more is let go within this. */
const RENEW_MS = 10_000;

export interface PortalSocket {
  request: FastifyRequest;
  conversationId: string;
  since: number;
}

/**
 * Lets a person into their conversation with an agent: by the cookie of the upgrade when a page of this very origin asks, which
 * the browser vouches for by Origin; else by a token in the first frame, as a page of another site has no use of the cookie.
 */
export function createPortalDoor(
  api: ApiContext,
  { request, conversationId, since }: PortalSocket,
): Pick<VisitorSocketOptions, 'admit' | 'arrival'> {
  const { origin } = request.headers;
  const isOwn = api.people.isOwnOrigin(request);
  let openedWith: string | undefined;

  async function enter(person: PersonPrincipal, renew: () => Promise<Participant>): Promise<Participant> {
    const row = await portalConversationFor(api, person, conversationId, 'write');
    const agent = await api.portalAgents.get(row.tenantId, row.agent.id);
    if (!isOwn) requireOrigin(origin, originsOf(api, agent.tenant.settings.allowedOrigins));
    const ref = { tenantId: row.tenantId, conversationId };
    const stillMember = async () => portalTenant(api.rights, await withRoles(api, person), row.tenantId);
    return {
      ref,
      expiresAt: new Date(Date.now() + RENEW_MS),
      async accept(message) {
        await stillMember();
        await acceptPortalMessage(api, row, message);
      },
      async rate(rating) {
        await stillMember();
        spendMessage(api.limits, ref, agent.tenant.settings.limits);
        return api.engine.rate(ref, rating);
      },
      renew,
      watch: (onRevoked) => api.revocations.follow(ref, onRevoked),
    };
  }

  /** Rejects with `auth_required` when nobody is signed in any more. */
  async function byCookie(): Promise<Participant> {
    const principal = await authenticate(api, request);
    if (principal.kind !== 'person') throw new CodedError('forbidden', 'Conversations of the portal are for people.');
    return enter(principal, byCookie);
  }

  async function byToken(token: string): Promise<Participant> {
    const grant = await requirePortalToken(api.keys, token);
    if (grant.conversationId !== conversationId) {
      throw new CodedError('token_invalid', 'The token is for another conversation.');
    }
    if (grant.tokenId !== openedWith && !(await api.singleUse.take(grant.tokenId, grant.expiresAt))) {
      throw new CodedError('token_used', 'A socket was opened with this token before; ask for a new one.');
    }
    openedWith = grant.tokenId;
    const { userId } = grant;
    return enter(await withRoles(api, { kind: 'person', userId, platformAdmin: false, roles: new Map() }), () =>
      byToken(token),
    );
  }

  const mayBeSignedIn = isOwn && request.headers.cookie !== undefined;
  return { admit: byToken, ...(mayBeSignedIn ? { arrival: { admit: orNobody(byCookie), since } } : {}) };
}

/** A cookie that is nobody's leaves the socket waiting for its first frame. */
function orNobody(admit: () => Promise<Participant>): () => Promise<Participant | undefined> {
  return () =>
    admit().catch((error: unknown) => {
      if (error instanceof CodedError && error.code === 'auth_required') return undefined;
      throw error;
    });
}

/** What the person may do at this moment. */
async function withRoles({ rights }: Pick<ApiContext, 'rights'>, person: PersonPrincipal): Promise<PersonPrincipal> {
  return { ...person, roles: await rights.rolesOf(person.userId) };
}

function originsOf({ settings }: Pick<ApiContext, 'settings'>, tenant: readonly string[]) {
  return { site: tenant, installation: settings.allowedOrigins };
}
