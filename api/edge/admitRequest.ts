import type { FastifyRequest } from 'fastify';
import type { ApiContext } from '../context.ts';
import { bearerOf } from './bearer.ts';
import { originOf } from './origin.ts';
import { admitVisitor, type Visitor } from './visitor.ts';

/** The visitor behind a request's Bearer token; its tenant and conversation are in the request's log lines from here on. */
export async function admitRequest(api: ApiContext, request: FastifyRequest): Promise<Visitor> {
  const visitor = await admitVisitor(api, bearerOf(request), originOf(request.headers));
  const { tenantId, conversationId } = visitor.ref;
  request.log = request.log.child({ tenant_id: tenantId, conversation_id: conversationId });
  return visitor;
}
