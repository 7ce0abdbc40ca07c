import { z } from 'zod';
import { CodedError } from '../../../contracts/errors.ts';
import {
  meResponseSchema,
  recoveryCodeSchema,
  signInRequestSchema,
  signInResponseSchema,
  totpCodeSchema,
} from '../../../contracts/people.ts';
import type { PersonPrincipal, Principal } from '../../access/principal.ts';
import { useCodeUp } from '../../people/useCodeUp.ts';
import { problemResponses } from '../problemResponses.ts';
import type { RouteModule } from '../routeModule.ts';
import { OPEN_PROBLEMS, openAuth, PERSON_PROBLEMS, personAuth } from './authRoute.ts';

const tags = ['people'];
const signedIn = { status: 'signed_in' } as const;

/** Password, then the second factor where there is one; who is signed in; sign-out. */
export const signInRoutes: RouteModule = async (app, { api }) => {
  const { people } = api;

  app.post(
    '/api/auth/sign-in',
    {
      config: openAuth,
      schema: {
        tags,
        body: signInRequestSchema,
        response: { 200: signInResponseSchema, ...problemResponses(...OPEN_PROBLEMS, 'credentials_invalid') },
      },
    },
    async (request, reply) => {
      const { email, password } = request.body;
      const answer = await people.lockout.guard(`password:${email}`, () =>
        people.ask(reply, (auth, headers) =>
          auth.api.signInEmail({ body: { email, password }, headers, returnHeaders: true }),
        ),
      );
      await people.endSession(request);
      return 'twoFactorRedirect' in answer ? ({ status: 'second_factor' } as const) : signedIn;
    },
  );

  const secondFactor = problemResponses(
    ...OPEN_PROBLEMS,
    'auth_required',
    'second_factor_invalid',
    'second_factor_off',
  );

  app.post(
    '/api/auth/sign-in/totp',
    {
      config: openAuth,
      schema: { tags, body: totpCodeSchema, response: { 200: signInResponseSchema, ...secondFactor } },
    },
    async (request, reply) => {
      const { code } = request.body;
      // Who is signed in already gets nothing by it.
      const present = await people.sessionOf(request);
      const { token, user } = await people.ask(reply, (auth, headers) =>
        auth.api.verifyTOTP({ body: { code }, headers, returnHeaders: true }),
      );
      if (present || (await useCodeUp(api.singleUse, user.id, code))) return signedIn;
      await people.takeBack(reply, token);
      throw new CodedError('second_factor_invalid', 'The code was used before; sign in again with the next one.');
    },
  );

  app.post(
    '/api/auth/sign-in/recovery-code',
    {
      config: openAuth,
      schema: { tags, body: recoveryCodeSchema, response: { 200: signInResponseSchema, ...secondFactor } },
    },
    async ({ body: { code } }, reply) => {
      await people.ask(reply, (auth, headers) =>
        auth.api.verifyBackupCode({ body: { code }, headers, returnHeaders: true }),
      );
      return signedIn;
    },
  );

  app.post(
    '/api/auth/sign-out',
    {
      config: openAuth,
      schema: {
        tags,
        response: {
          204: z.null().describe('Nobody is signed in here any more.'),
          ...problemResponses('csrf_refused', 'invalid_request', 'database_unavailable', 'keys_unavailable'),
        },
      },
    },
    async (_request, reply) => {
      await people.ask(reply, (auth, headers) => auth.api.signOut({ headers, returnHeaders: true }));
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/auth/me',
    {
      config: { access: personAuth.access },
      schema: { tags, response: { 200: meResponseSchema, ...problemResponses(...PERSON_PROBLEMS) } },
    },
    async (request, reply) => {
      const { user } = await people.requireSession(request);
      const { platformAdmin, roles } = personOf(request.principal);
      reply.header('cache-control', 'no-store');
      return {
        user: { id: user.id, email: user.email, name: user.name, twoFactorEnabled: user.twoFactorEnabled === true },
        platformAdmin,
        memberships: [...roles].map(([tenantId, role]) => ({ tenantId, role })),
      };
    },
  );
};

function personOf(principal: Principal): PersonPrincipal {
  if (principal.kind !== 'person') throw new TypeError('A route for people let in somebody else');
  return principal;
}
