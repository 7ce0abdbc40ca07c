import { z } from 'zod';
import { CodedError, type ErrorCode } from '../../contracts/errors.ts';
import { visitorTraitsSchema } from '../../contracts/webchat.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import { getSession } from '../../db/queries/getSession.ts';
import { setSessionRevoked } from '../../db/queries/sessions/setSessionRevoked.ts';
import { byRequest } from '../access/byRequest.ts';
import type { ApiContext } from '../context.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const PROBLEMS: ErrorCode[] = [...ADMIN_PROBLEMS, 'conversation_not_found'];

const paramsSchema = z.object({ id: z.uuid().toLowerCase() });

const sessionViewSchema = z.object({
  conversationId: z.uuid(),
  visitorName: z.string().nullable(),
  externalSessionId: z.string().nullable(),
  /** Whom the site's signed token named; null for a stranger. */
  verifiedUserId: z.string().nullable(),
  traits: visitorTraitsSchema,
  /** Whether the site signed them. */
  traitsVerified: z.boolean(),
  createdAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
});

const COMMANDS = { revoke: true, restore: false } as const;
const commandNames = Object.keys(COMMANDS) as (keyof typeof COMMANDS)[];

/** Who the visitor of a conversation is, and whether it may still be one: a revoked session's sockets end within 5 s. */
export const adminSessionsRoutes: RouteModule = async (app, { api }) => {
  const schema = {
    tags: ['admin'],
    params: paramsSchema,
    response: { 200: sessionViewSchema, ...problemResponses(...PROBLEMS) },
  };

  app.get(
    '/v1/admin/conversations/:id/session',
    { config: { access: { scope: 'conversations:read', role: 'viewer' } }, schema },
    async ({ tenantId, params }) => viewOf(api, { tenantId, conversationId: params.id }),
  );

  for (const name of commandNames) {
    app.post(
      `/v1/admin/conversations/:id/session/${name}`,
      { config: { access: { scope: 'conversations:write', role: 'agent' } }, schema },
      async (request) => {
        const ref = { tenantId: request.tenantId, conversationId: request.params.id };
        await setSessionRevoked(api.db, ref, COMMANDS[name], byRequest(request));
        await api.hub.announceRevocation(ref);
        return viewOf(api, ref);
      },
    );
  }
};

async function viewOf({ db }: ApiContext, ref: ConversationRef): Promise<z.infer<typeof sessionViewSchema>> {
  const session = await getSession(db, ref);
  if (!session) throw new CodedError('conversation_not_found', 'There is no such conversation.');
  const { conversationId, visitorName, externalSessionId, verifiedUserId, traits, traitsVerified } = session;
  return {
    conversationId,
    visitorName,
    externalSessionId,
    verifiedUserId,
    traits,
    traitsVerified,
    createdAt: session.createdAt.toISOString(),
    revokedAt: session.revokedAt?.toISOString() ?? null,
  };
}
