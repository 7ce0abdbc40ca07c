import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type AgentCommand, MAX_TITLE } from '../../contracts/conversation.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { NOT_BLANK } from '../../contracts/message.ts';
import { label, storable } from '../../contracts/storable.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import { addAudit } from '../../db/queries/audit/addAudit.ts';
import { byRequest } from '../access/byRequest.ts';
import { limitRenames } from '../limits/limitRenames.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const MAX_NOTE = 4_000;
/** The year 2100, in epoch milliseconds: far from what a timer cannot hold. */
const LATEST_SNOOZE = Date.UTC(2100, 0, 1);

const COMMON_PROBLEMS: ErrorCode[] = [...ADMIN_PROBLEMS, 'conversation_not_found', 'engine_unavailable'];
/** What a conversation says no with. */
const REFUSALS: ErrorCode[] = ['conversation_closed', 'already_claimed', 'ai_disabled', 'conflict'];

const paramsSchema = z.object({ id: z.uuid().toLowerCase() });
const agentSchema = z.object({ id: storable(z.string().min(1).max(128)), name: label(80) });

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
  rename: z.object({ title: label(MAX_TITLE) }),
  note: z.object({ text: z.string().trim().min(1).max(MAX_NOTE).meta({ pattern: NOT_BLANK }) }),
  /** `until` is epoch milliseconds. */
  snooze: z.object({ until: z.number().int().positive().max(LATEST_SNOOZE) }),
  ai: z.object({ on: z.boolean() }),
} satisfies { [Name in AgentCommand['name']]: z.ZodType<Omit<AgentCommand & { name: Name }, 'name'>> };

const commandNames = Object.keys(COMMAND_FIELDS) as AgentCommand['name'][];

/** An operator's hand on a tenant's conversations. */
export const adminConversationsRoutes: RouteModule = async (app, { api }) => {
  const shared = { tags: ['admin'], params: paramsSchema };
  const viewProblems = problemResponses(...COMMON_PROBLEMS);
  const commandProblems = problemResponses(...BODY_PROBLEMS, ...COMMON_PROBLEMS, ...REFUSALS);

  app.get(
    '/v1/admin/conversations/:id',
    {
      config: { access: { scope: 'conversations:read', role: 'viewer' } },
      schema: { ...shared, response: { 200: viewSchema, ...viewProblems } },
    },
    async ({ params, tenantId }) => api.engine.status({ tenantId, conversationId: params.id }),
  );

  for (const name of commandNames) {
    const bodySchema = z.intersection(z.object({ agent: agentSchema }), COMMAND_FIELDS[name]);
    app.post(
      `/v1/admin/conversations/:id/${name}`,
      {
        config: { access: { scope: 'conversations:write', role: 'agent' } },
        schema: { ...shared, body: bodySchema, response: { 200: viewSchema, ...commandProblems } },
      },
      async (request) => {
        const { agent, ...fields } = request.body;
        const ref = { tenantId: request.tenantId, conversationId: request.params.id };
        const command = commandOf(name, fields);
        const change = { ref, command };
        const once = { ...change, key: randomUUID() };
        const view = await limitRenames(api.limits, once, () => api.engine.command(ref, { agent, command }));
        await addAudit(api.db, { ...byRequest(request), ...lineOf(change) });
        return view;
      },
    );
  }
};

/** The command's words stay where they belong: in the conversation. */
function lineOf({ ref: { tenantId, conversationId }, command }: { ref: ConversationRef; command: AgentCommand }) {
  return { tenantId, action: `conversation.${command.name}`, target: `conversation/${conversationId}` };
}

/** The route's schema has made sure that the fields are those of the command. */
function commandOf(name: AgentCommand['name'], fields: object): AgentCommand {
  return { ...fields, name } as AgentCommand;
}
