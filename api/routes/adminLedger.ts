import { z } from 'zod';
import { CodedError } from '../../contracts/errors.ts';
import {
  CHANGEABLE,
  enqueueSchema,
  type LedgerChange,
  type LedgerSignal,
  ledgerKeySchema,
  ledgerPageSchema,
  ledgerQuerySchema,
  ledgerRowSchema,
} from '../../contracts/ledger.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import { insertAudit } from '../../db/queries/audit/insertAudit.ts';
import { getLedgerRow } from '../../db/queries/ledger/getLedgerRow.ts';
import { holderOfKey } from '../../db/queries/ledger/holderOfKey.ts';
import { listLedger } from '../../db/queries/ledger/listLedger.ts';
import { type TenantTx, withTenant } from '../../db/withTenant.ts';
import { byRequest } from '../access/byRequest.ts';
import { isAllowed } from '../access/principal.ts';
import type { ApiContext } from '../context.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { orNotFound } from './orNotFound.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

type By = Parameters<typeof byRequest>[0];

/** Who may read what the rows carry: people's words. */
const READS_PAYLOADS = { scope: 'ledger:payload', role: 'admin' } as const;

const acceptedSchema = z.object({ key: z.string(), conversationId: z.uuid() });

/** The delivery ledger: what is to appear in topics, and what became of it. docs/telegram.md tells of its states. */
export const adminLedgerRoutes: RouteModule = async (app, { api }) => {
  const tags = ['admin'];
  const mayWrite = { access: { scope: 'conversations:write', role: 'agent' } } as const;

  app.get(
    '/v1/admin/outbox',
    {
      config: { access: { scope: 'conversations:read', role: 'viewer' } },
      schema: {
        tags,
        querystring: ledgerQuerySchema,
        response: { 200: ledgerPageSchema, ...problemResponses(...ADMIN_PROBLEMS) },
      },
    },
    async ({ tenantId, principal, query }) => {
      const words = isAllowed(principal, READS_PAYLOADS, tenantId) ? api.words : undefined;
      return listLedger({ db: api.db, words }, tenantId, query);
    },
  );

  app.post(
    '/v1/admin/outbox',
    {
      config: mayWrite,
      schema: {
        tags,
        body: enqueueSchema,
        response: {
          202: acceptedSchema,
          ...problemResponses(
            ...BODY_PROBLEMS,
            ...ADMIN_PROBLEMS,
            'conversation_not_found',
            'conflict',
            'no_topic',
            'engine_unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      const { tenantId, body } = request;
      const { conversationId, ...notice } = body;
      await enqueue(api, request, { tenantId, conversationId }, { action: 'enqueue', ...notice });
      return reply.code(202).send({ key: notice.key, conversationId });
    },
  );

  for (const action of ['retry', 'skip'] as const) {
    app.post(
      `/v1/admin/outbox/:key/${action}`,
      {
        config: mayWrite,
        schema: {
          tags,
          params: z.object({ key: ledgerKeySchema }),
          response: {
            202: ledgerRowSchema,
            ...problemResponses(
              ...ADMIN_PROBLEMS,
              'not_found',
              'conflict',
              'conversation_not_found',
              'engine_unavailable',
            ),
          },
        },
      },
      async (request, reply) => {
        const { tenantId, params } = request;
        const row = orNotFound(await getLedgerRow(api.db, tenantId, params.key));
        requireChangeable(row.state, action);
        const ref = { tenantId, conversationId: row.conversationId };
        const signal = { action, key: row.key };
        await withTenant(api.db, tenantId, (tx) => order(api, tx, { request, ref, signal }));
        return reply.code(202).send(row);
      },
    );
  }
};

/** Puts a notice in unless it is there. Of those that come with one key at once the first has it, for its conversation. */
async function enqueue(api: ApiContext, request: By, ref: ConversationRef, signal: LedgerSignal): Promise<void> {
  const known = await getLedgerRow(api.db, ref.tenantId, signal.key);
  if (known) return requireSame(known.conversationId, ref);
  if ((await api.engine.topicPolicy(ref)) === 'never') {
    throw new CodedError('no_topic', 'This conversation never gets a topic: nobody would read the notice.');
  }
  await withTenant(api.db, ref.tenantId, async (tx) => {
    const holder = await holderOfKey(tx, ref.tenantId, signal.key);
    if (holder !== undefined) requireSame(holder, ref);
    // Of one that was ordered before, the signal may have been lost; the workflow drops a repeat by its key.
    await order(api, tx, { request, ref, signal });
  });
}

function requireSame(holder: string, { conversationId }: ConversationRef): void {
  if (holder !== conversationId) throw new CodedError('conflict', 'Another conversation has a row with this key.');
}

interface Order {
  request: By;
  ref: ConversationRef;
  signal: LedgerSignal;
}

/** Writes down who asks for it and hands it to the conversation's workflow: neither happens without the other. */
async function order(api: ApiContext, tx: TenantTx, { request, ref, signal }: Order): Promise<void> {
  const audit = { action: `ledger.${signal.action}`, target: `outbox/${signal.key}`, data: { ...ref } };
  await insertAudit(tx, { ...byRequest(request), tenantId: ref.tenantId, ...audit });
  await api.engine.signalLedger(ref, signal);
}

function requireChangeable(state: (typeof CHANGEABLE)[LedgerChange['action']][number], action: LedgerChange['action']) {
  if (CHANGEABLE[action].includes(state)) return;
  throw new CodedError('conflict', `A row that is ${state} cannot be changed so.`);
}
