import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { NIL } from 'uuid';
import { z } from 'zod';
import { conversationWorkflowId, DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { requireServiceToken } from '../edge/requireServiceToken.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

/** A page of a workflow's history. */
const BODY_LIMIT = 8 * 1024 * 1024;

/** Temporal's remote codec protocol: payloads as protobuf's JSON, bytes in base64. */
const payloadsSchema = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), z.base64()).optional(), data: z.base64().optional() })),
});

const { Payloads } = proto.temporal.api.common.v1;

/** Lets an authorised operator read conversations in Temporal UI and its command line. */
export const adminCodecRoutes: RouteModule = async (app, { api }) => {
  const options = {
    bodyLimit: BODY_LIMIT,
    onRequest: async (request: Parameters<typeof requireServiceToken>[1]) => requireServiceToken(api.settings, request),
    schema: {
      tags: ['admin'],
      security: [{ serviceToken: [] }],
      body: payloadsSchema,
      response: {
        200: payloadsSchema,
        ...problemResponses(...BODY_PROBLEMS, 'auth_required', 'unauthenticated', 'forbidden', 'database_unavailable'),
      },
    },
  };

  app.post('/v1/admin/codec/decode', options, async ({ body }) => toJson(await api.codec.decode(fromJson(body))));

  app.post('/v1/admin/codec/encode', options, async ({ body }) => {
    // The protocol names no workflow; the service token speaks for the default tenant, so its key seals.
    const workflowId = conversationWorkflowId({ tenantId: DEFAULT_TENANT_ID, conversationId: NIL });
    return toJson(await api.codec.encode(fromJson(body), { type: 'workflow', namespace: '', workflowId }));
  });
};

function fromJson(body: z.infer<typeof payloadsSchema>): Payload[] {
  return Payloads.fromObject(body).payloads ?? [];
}

function toJson(payloads: Payload[]): z.infer<typeof payloadsSchema> {
  const message = Payloads.create({ payloads });
  return payloadsSchema.parse(Payloads.toObject(message, { bytes: String, defaults: false, arrays: true }));
}
