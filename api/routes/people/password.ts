import { createHash } from 'node:crypto';
import { z } from 'zod';
import { changePasswordSchema, resetPasswordSchema, resetRequestSchema } from '../../../contracts/people.ts';
import { problemResponses } from '../problemResponses.ts';
import type { RouteModule } from '../routeModule.ts';
import { OPEN_PROBLEMS, openAuth, PERSON_PROBLEMS, personAuth } from './authRoute.ts';

const tags = ['people'];

/** A new password, with the old one or by mail. Either way every other session of the person ends. */
export const passwordRoutes: RouteModule = async (app, { api }) => {
  const { people } = api;

  app.post(
    '/api/auth/password',
    {
      config: personAuth,
      schema: {
        tags,
        body: changePasswordSchema,
        response: {
          204: z.null().describe('Signed out everywhere but here.'),
          ...problemResponses(...PERSON_PROBLEMS, 'password_wrong'),
        },
      },
    },
    async (request, reply) => {
      const { user } = await people.requireOwnSession(request);
      const body = { ...request.body, revokeOtherSessions: true };
      await people.lockout.guard(`password:${user.email}`, () =>
        people.ask(reply, (auth, headers) => auth.api.changePassword({ body, headers, returnHeaders: true })),
      );
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/auth/password/reset-request',
    {
      config: openAuth,
      schema: {
        tags,
        body: resetRequestSchema,
        response: {
          202: z.null().describe('If the address has an account, a mail is on its way.'),
          ...problemResponses(...OPEN_PROBLEMS),
        },
      },
    },
    async ({ body: { email } }, reply) => {
      await api.limits.consume('account.reset', createHash('sha256').update(email).digest('base64url'));
      await people.ask(reply, (auth) => auth.api.requestPasswordReset({ body: { email }, returnHeaders: true }));
      return reply.code(202).send(null);
    },
  );

  app.post(
    '/api/auth/password/reset',
    {
      config: openAuth,
      schema: {
        tags,
        body: resetPasswordSchema,
        response: {
          204: z.null().describe('Signed out everywhere; sign in with the new password.'),
          ...problemResponses(...OPEN_PROBLEMS, 'reset_invalid'),
        },
      },
    },
    async ({ body }, reply) => {
      await people.ask(reply, (auth) => auth.api.resetPassword({ body, returnHeaders: true }));
      return reply.code(204).send(null);
    },
  );
};
