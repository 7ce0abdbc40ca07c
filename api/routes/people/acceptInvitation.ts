import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { CodedError } from '../../../contracts/errors.ts';
import { acceptedInvitationSchema, acceptInvitationSchema } from '../../../contracts/people.ts';
import { type Acceptor, acceptInvitation } from '../../../db/queries/invitations/acceptInvitation.ts';
import type { Invitation } from '../../../db/queries/invitations/createInvitation.ts';
import { findInvitation } from '../../../db/queries/invitations/findInvitation.ts';
import type { ApiContext } from '../../context.ts';
import { plainAddress } from '../../edge/plainAddress.ts';
import { hashInvitationToken } from '../../people/invitationToken.ts';
import { problemResponses } from '../problemResponses.ts';
import type { RouteModule } from '../routeModule.ts';
import { OPEN_PROBLEMS, openAuth } from './authRoute.ts';

type NewAccount = z.infer<typeof acceptInvitationSchema>['account'];

/** The mail's token makes a newcomer's account, or a member of whoever is signed in with the address that it went to. */
export const acceptInvitationRoutes: RouteModule = async (app, { api }) => {
  app.post(
    '/api/auth/invitations/accept',
    {
      config: openAuth,
      schema: {
        tags: ['people'],
        body: acceptInvitationSchema,
        response: {
          200: acceptedInvitationSchema,
          ...problemResponses(
            ...OPEN_PROBLEMS,
            'auth_required',
            'tenant_suspended',
            'invitation_invalid',
            'account_exists',
          ),
        },
      },
    },
    async (request, reply) => {
      const { token, account } = request.body;
      const invitation = await findInvitation(api.db, hashInvitationToken(token));
      if (!invitation) throw invalid();
      const { tenantId, email } = invitation;
      if ((await api.rights.tenantStatus(tenantId)) !== 'active') {
        throw new CodedError('tenant_suspended', 'This tenant is suspended.');
      }
      const acceptor = await acceptorOf(api, request, email, account);
      await accept(api, request, invitation, acceptor);
      if (account && 'passwordHash' in acceptor) await signIn(api, reply, { email, password: account.password });
      return { tenantId };
    },
  );
};

async function acceptorOf(
  { people }: ApiContext,
  request: FastifyRequest,
  email: string,
  account: NewAccount,
): Promise<Acceptor> {
  const found = await people.sessionOf(request);
  if (found && !found.session.onlyTenantId && found.user.email === email) return { userId: found.user.id };
  if (!account) throw new CodedError('auth_required', 'Sign in with the address that was invited, or send an account.');
  const { password } = await (await people.auth()).$context;
  return { name: account.name, passwordHash: await password.hash(account.password) };
}

async function accept(
  { db }: ApiContext,
  { ip, id }: FastifyRequest,
  invitation: Invitation,
  acceptor: Acceptor,
): Promise<void> {
  const acceptance = await acceptInvitation(db, invitation, acceptor, { ip: plainAddress(ip), requestId: id });
  if (acceptance === 'invitation_invalid') throw invalid();
  if (acceptance === 'account_exists') {
    throw new CodedError('account_exists', 'The address has an account: sign in with it, then accept.');
  }
}

async function signIn(
  { people }: ApiContext,
  reply: FastifyReply,
  body: { email: string; password: string },
): Promise<void> {
  await people.ask(reply, (auth) => auth.api.signInEmail({ body, returnHeaders: true }));
  await people.endSession(reply.request);
}

function invalid(): CodedError {
  return new CodedError('invitation_invalid', 'This invitation is not valid any more.');
}
