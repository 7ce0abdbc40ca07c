import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AgentCommand } from '../../contracts/conversation.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { requireServiceToken } from '../edge/requireServiceToken.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const MAX_TITLE = 128;
const MAX_NOTE = 4_000;
/** The year 2100, in epoch milliseconds: far from what a timer cannot hold. */
const LATEST_SNOOZE = Date.UTC(2100, 0, 1);

const COMMON_PROBLEMS: ErrorCode[] = [
  'auth_required',
  'unauthenticated',
  'forbidden',
  'conversation_not_found',
  'engine_unavailable',
];
/** What a conversation says no with. */
const REFUSALS: ErrorCode[] = ['conversation_closed', 'already_claimed', 'conflict'];

const paramsSchema = z.object({ id: z.uuid().toLowerCase() });
const agentSchema = z.object({ id: z.string().min(1).max(128), name: z.string().trim().min(1).max(80) });

const viewSchema = z.object({
  status: z.enum(['new', 'waiting', 'active', 'closed']),
  owner: z.enum(['flow', 'ai', 'human']),
  claimedBy: z.object({ id: z.string(), name: z.string() }).nullable(),
  title: z.string().nullable(),
  lastSeq: z.number().int(),
  /** Why the conversation is as it is, in words for an operator. */
  waitingFor: z.string(),
  /** Epoch milliseconds by name. */
  deadlines: z.record(z.string(), z.number()),
});

/** What a command takes beside who gives it. */
const COMMAND_FIELDS = {
  claim: z.object({}),
  release: z.object({}),
  close: z.object({}),
  reopen: z.object({}),
  rename: z.object({ title: z.string().trim().min(1).max(MAX_TITLE) }),
  note: z.object({ text: z.string().trim().min(1).max(MAX_NOTE) }),
  /** `until` is epoch milliseconds. */
  snooze: z.object({ until: z.number().int().positive().max(LATEST_SNOOZE) }),
} satisfies { [Name in AgentCommand['name']]: z.ZodType<Omit<AgentCommand & { name: Name }, 'name'>> };

const commandNames = Object.keys(COMMAND_FIELDS) as AgentCommand['name'][];

/** An operator's hand on conversations of the default tenant, with the service token. */
export const adminConversationsRoutes: RouteModule = async (app, { api }) => {
  const shared = { tags: ['admin'], security: [{ serviceToken: [] }], params: paramsSchema };
  const authorise = async (request: FastifyRequest) => requireServiceToken(api.settings, request);
  const viewProblems = problemResponses('invalid_request', ...COMMON_PROBLEMS);
  const commandProblems = problemResponses(...BODY_PROBLEMS, ...COMMON_PROBLEMS, ...REFUSALS);

  app.get(
    '/v1/admin/conversations/:id',
    { onRequest: authorise, schema: { ...shared, response: { 200: viewSchema, ...viewProblems } } },
    async ({ params }) => api.engine.status({ tenantId: DEFAULT_TENANT_ID, conversationId: params.id }),
  );

  for (const name of commandNames) {
    const bodySchema = z.intersection(z.object({ agent: agentSchema }), COMMAND_FIELDS[name]);
    app.post(
      `/v1/admin/conversations/:id/${name}`,
      {
        onRequest: authorise,
        schema: { ...shared, body: bodySchema, response: { 200: viewSchema, ...commandProblems } },
      },
      async ({ params, body: { agent, ...fields } }) => {
        const ref = { tenantId: DEFAULT_TENANT_ID, conversationId: params.id };
        return api.engine.command(ref, { agent, command: commandOf(name, fields) });
      },
    );
  }
};

/** The route's schema has made sure that the fields are those of the command. */
function commandOf(name: AgentCommand['name'], fields: object): AgentCommand {
  return { ...fields, name } as AgentCommand;
}
