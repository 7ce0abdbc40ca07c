// Usage: the environment of `npm run api`. Prints nothing; serves until it is killed.
import websocket from '@fastify/websocket';
import fastify from 'fastify';
import { readEnv } from '../../config/env.ts';
import type { MessageRequest } from '../../contracts/webchat.ts';
import { type ConversationRef, conversationWorkflowId } from '../../contracts/workflowId.ts';
import { createDb } from '../../db/createDb.ts';
import { openKeys } from '../../runtime/openKeys.ts';
import { createEngineClient } from '../../temporal/connect.ts';
import { visitorMessageSignal } from '../../workflows/conversation/messages.ts';

/** A message that says by itself where it belongs: nobody is asked who sent it. */
export type OpenMessage = ConversationRef & MessageRequest;

const env = readEnv();
const db = createDb(env.DATABASE_URL, { poolSize: 2 });
const { codec } = openKeys(env, db);
const client = createEngineClient({ address: env.TEMPORAL_ADDRESS, namespace: env.TEMPORAL_NAMESPACE }, codec);

async function accept({ tenantId, conversationId, clientMessageId, text }: OpenMessage): Promise<void> {
  const handle = client.workflow.getHandle(conversationWorkflowId({ tenantId, conversationId }));
  await handle.signal(visitorMessageSignal, { clientMessageId, text, receivedAt: Date.now() });
}

const app = fastify();
await app.register(websocket);
app.post<{ Body: OpenMessage }>('/message', async ({ body }, reply) => {
  await accept(body);
  return reply.code(202).send({ clientMessageId: body.clientMessageId });
});
app.get('/socket', { websocket: true }, (socket) => {
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as OpenMessage;
    void accept(message).then(() =>
      socket.send(JSON.stringify({ type: 'ack', clientMessageId: message.clientMessageId })),
    );
  });
});
app.get('/ready', async () => ({}));
await app.listen({ host: env.HOST, port: env.PORT });
