import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { validate as isUuid, NIL } from 'uuid';
import { z } from 'zod';
import { CodedError } from '../../contracts/errors.ts';
import { conversationWorkflowId } from '../../contracts/workflowId.ts';
import { addAudit } from '../../db/queries/audit/addAudit.ts';
import { PayloadDecryptionError, sealedFor } from '../../temporal/payloadCodec.ts';
import { byRequest } from '../access/byRequest.ts';
import { isAllowed, type Permission, type Principal } from '../access/principal.ts';
import type { ApiContext } from '../context.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

/** A page of a workflow's history. */
const BODY_LIMIT = 8 * 1024 * 1024;

/** Temporal's remote codec protocol: payloads as protobuf's JSON, bytes in base64. */
const payloadsSchema = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), z.base64()).optional(), data: z.base64().optional() })),
});

const ACCESS: Permission = { scope: 'codec:decode', role: 'admin' };

const { Payloads } = proto.temporal.api.common.v1;

/** Lets an authorised operator read conversations in Temporal UI and its command line. */
export const adminCodecRoutes: RouteModule = async (app, { api }) => {
  const options = {
    bodyLimit: BODY_LIMIT,
    config: { access: ACCESS },
    schema: {
      tags: ['admin'],
      body: payloadsSchema,
      response: {
        200: payloadsSchema,
        ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'payload_unreadable'),
      },
    },
  };

  app.post('/v1/admin/codec/decode', options, async (request) => {
    const payloads = fromJson(request.body);
    const tenants = await readableTenants(api, payloads, request.principal);
    const opened = await api.codec.decode(payloads).catch(refuseUnreadable);
    for (const tenantId of tenants) {
      await addAudit(api.db, {
        ...byRequest(request),
        tenantId,
        action: 'codec.decoded',
        target: `tenant/${tenantId}`,
      });
    }
    return toJson(opened);
  });

  app.post('/v1/admin/codec/encode', options, async ({ body, tenantId }) => {
    // The protocol names no workflow: the key of the caller's tenant seals.
    const workflowId = conversationWorkflowId({ tenantId, conversationId: NIL });
    return toJson(await api.codec.encode(fromJson(body), { type: 'workflow', namespace: '', workflowId }));
  });
};

/** The tenants that sealed payloads name. Throws for one that the caller may not read: no key of it is even looked for. */
async function readableTenants({ rights }: ApiContext, payloads: Payload[], principal: Principal): Promise<string[]> {
  const tenants = [...new Set(payloads.map(sealedFor))].filter((tenantId) => tenantId !== undefined);
  for (const tenantId of tenants) {
    const allowed = isUuid(tenantId) && isAllowed(principal, ACCESS, tenantId);
    if (!allowed || !(await rights.tenantStatus(tenantId))) throw unreadable();
  }
  return tenants;
}

function refuseUnreadable(error: unknown): never {
  throw error instanceof PayloadDecryptionError ? unreadable(error) : error;
}

function unreadable(cause?: unknown): CodedError {
  return new CodedError('payload_unreadable', 'There is a payload that you cannot open.', { cause });
}

function fromJson(body: z.infer<typeof payloadsSchema>): Payload[] {
  return Payloads.fromObject(body).payloads ?? [];
}

function toJson(payloads: Payload[]): z.infer<typeof payloadsSchema> {
  const message = Payloads.create({ payloads });
  return payloadsSchema.parse(Payloads.toObject(message, { bytes: String, defaults: false, arrays: true }));
}
