import type { FastifyReply, FastifyRequest } from 'fastify';
import { CodedError } from '../../contracts/errors.ts';

/** Answers whoever asks a socket's address without wanting a socket. */
export async function upgradeRequired(_request: FastifyRequest, reply: FastifyReply): Promise<never> {
  reply.header('upgrade', 'websocket').header('connection', 'Upgrade');
  throw new CodedError('upgrade_required', 'This address speaks WebSocket only.');
}
