import { initRequestSchema, tokenResponseSchema } from './webchat.ts';

/**
 * POST /v1/conversations/start, the first contract: no site and no challenge, for the default tenant alone. Both ids lead back to
 * a conversation, as they do at `init`. What else an old widget sends is ignored.
 */
export const v1StartRequestSchema = initRequestSchema.pick({
  conversationId: true,
  externalSessionId: true,
  visitorName: true,
  source: true,
});

/** `token` opens sockets until `expiresAt`: the first contract knows no way to a fresh one. */
export const v1StartResponseSchema = tokenResponseSchema;
