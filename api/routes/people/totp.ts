import { z } from 'zod';
import {
  confirmPasswordSchema,
  recoveryCodesSchema,
  totpCodeSchema,
  totpEnrolmentSchema,
} from '../../../contracts/people.ts';
import { useCodeUp } from '../../people/useCodeUp.ts';
import { problemResponses } from '../problemResponses.ts';
import type { RouteModule } from '../routeModule.ts';
import { PERSON_PROBLEMS, personAuth } from './authRoute.ts';

const tags = ['people'];

/** A person's second factor: an authenticator app (TOTP, RFC 6238), and recovery codes for whoever has lost it. */
export const totpRoutes: RouteModule = async (app, { api }) => {
  const { people } = api;
  const withPassword = problemResponses(...PERSON_PROBLEMS, 'password_wrong', 'second_factor_on', 'second_factor_off');

  app.post(
    '/api/auth/totp/enrol',
    {
      config: personAuth,
      schema: { tags, body: confirmPasswordSchema, response: { 200: totpEnrolmentSchema, ...withPassword } },
    },
    async (request, reply) => {
      const { user } = await people.requireOwnSession(request);
      const body = { password: request.body.password, method: 'totp' } as const;
      const enrolment = await people.lockout.guard(`password:${user.email}`, () =>
        people.ask(reply, (auth, headers) => auth.api.enableTwoFactor({ body, headers, returnHeaders: true })),
      );
      if (enrolment.method !== 'totp') throw new TypeError('Another second factor was made than was asked for');
      return { uri: enrolment.totpURI, recoveryCodes: enrolment.backupCodes };
    },
  );

  app.post(
    '/api/auth/totp/verify',
    {
      config: personAuth,
      schema: {
        tags,
        body: totpCodeSchema,
        response: {
          204: z.null().describe('The second factor is on.'),
          ...problemResponses(...PERSON_PROBLEMS, 'second_factor_invalid', 'second_factor_off'),
        },
      },
    },
    async (request, reply) => {
      const { user } = await people.requireOwnSession(request);
      const { code } = request.body;
      await people.lockout.guard(`totp:${user.id}`, () =>
        people.ask(reply, (auth, headers) => auth.api.verifyTOTP({ body: { code }, headers, returnHeaders: true })),
      );
      // It has proved what it had to, and signs nobody in.
      await useCodeUp(api.singleUse, user.id, code);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/auth/totp/disable',
    {
      config: personAuth,
      schema: {
        tags,
        body: confirmPasswordSchema,
        response: { 204: z.null().describe('There is no second factor any more.'), ...withPassword },
      },
    },
    async (request, reply) => {
      const { user } = await people.requireOwnSession(request);
      const { password } = request.body;
      await people.lockout.guard(`password:${user.email}`, () =>
        people.ask(reply, (auth, headers) =>
          auth.api.disableTwoFactor({ body: { password }, headers, returnHeaders: true }),
        ),
      );
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/auth/totp/recovery-codes',
    {
      config: personAuth,
      schema: { tags, body: confirmPasswordSchema, response: { 200: recoveryCodesSchema, ...withPassword } },
    },
    async (request, reply) => {
      const { user } = await people.requireOwnSession(request);
      const { password } = request.body;
      const { backupCodes } = await people.lockout.guard(`password:${user.email}`, () =>
        people.ask(reply, (auth, headers) =>
          auth.api.generateBackupCodes({ body: { password }, headers, returnHeaders: true }),
        ),
      );
      return { recoveryCodes: backupCodes };
    },
  );
};
