import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CodedError } from '../../../contracts/errors.ts';
import { oidcSlugSchema, oidcStartQuerySchema } from '../../../contracts/people.ts';
import { listMemberships } from '../../../db/queries/access/listMemberships.ts';
import { findIdentityProvider } from '../../../db/queries/identityProviders/findIdentityProvider.ts';
import type { IdentityProvider } from '../../../db/queries/identityProviders/getIdentityProvider.ts';
import { findFederatedPerson } from '../../../db/queries/people/findFederatedPerson.ts';
import { insertFederatedPerson } from '../../../db/queries/people/insertFederatedPerson.ts';
import type { ApiContext } from '../../context.ts';
import { plainAddress } from '../../edge/plainAddress.ts';
import { keepAttempt, takeAttempt } from '../../people/oidc/oidcAttempts.ts';
import { oidcRedirectUri } from '../../people/oidc/oidcRedirectUri.ts';
import { openProvider } from '../../people/oidc/openProvider.ts';
import { beginOidc, finishOidc, type VouchedPerson } from '../../people/oidc/signInByProvider.ts';
import { orNotFound } from '../orNotFound.ts';
import { problemResponses } from '../problemResponses.ts';
import type { RouteModule } from '../routeModule.ts';
import { openAuth } from './authRoute.ts';

const tags = ['people'];
const paramsSchema = z.object({ provider: oidcSlugSchema });
/** What a provider adds is its own affair; openid-client looks at all of it. */
const callbackQuerySchema = z.looseObject({ state: z.string().min(16).max(512) });

const PROBLEMS = [
  'invalid_request',
  'not_found',
  'tenant_suspended',
  'oidc_unavailable',
  'database_unavailable',
  'keys_unavailable',
] as const;

/** Signing in at a tenant's own identity provider: authorization code with PKCE. A browser follows both addresses. */
export const oidcRoutes: RouteModule = async (app, { api }) => {
  app.get(
    '/api/auth/oidc/:provider/start',
    {
      config: openAuth,
      schema: {
        tags,
        params: paramsSchema,
        querystring: oidcStartQuerySchema,
        response: { 302: z.null().describe('To the identity provider.'), ...problemResponses(...PROBLEMS) },
      },
    },
    async ({ params: { provider: slug }, query: { returnTo } }, reply) => {
      const provider = await admittedProvider(api, slug);
      const redirectUri = oidcRedirectUri(api.people.publicUrl(), slug);
      const { url, attempt } = await beginOidc(await opened(api, provider), { slug, redirectUri, returnTo });
      await keepAttempt(api.people, reply, attempt);
      return reply.header('cache-control', 'no-store').redirect(url.href, 302);
    },
  );

  app.get(
    '/api/auth/oidc/:provider/callback',
    {
      config: openAuth,
      schema: {
        tags,
        params: paramsSchema,
        querystring: callbackQuerySchema,
        response: {
          302: z.null().describe('Signed in, back to where the sign-in began.'),
          ...problemResponses(
            ...PROBLEMS,
            'oidc_expired',
            'oidc_refused',
            'email_unverified',
            'account_exists',
            'forbidden',
          ),
        },
      },
    },
    async (request, reply) => {
      const { provider: slug } = request.params;
      const attempt = await takeAttempt(api.people, request, request.query.state);
      const provider = await admittedProvider(api, slug);
      // The answer of one provider must not be taken for another's.
      if (attempt.slug !== slug) throw new CodedError('oidc_refused', 'The sign-in began at another provider.');
      const callbackUrl = new URL(request.raw.url ?? '', api.people.publicUrl());
      const person = await finishOidc(await opened(api, provider), attempt, callbackUrl);
      const userId = await personFor(api, request, provider, person);
      await signIn(api, request, reply, { userId, onlyTenantId: provider.tenantId });
      return reply.redirect(attempt.returnTo, 302);
    },
  );
};

/** Those of a tenant that is suspended let nobody in. */
async function admittedProvider({ db, rights }: ApiContext, slug: string): Promise<IdentityProvider> {
  const provider = orNotFound(await findIdentityProvider(db, slug));
  if ((await rights.tenantStatus(provider.tenantId)) === 'active') return provider;
  throw new CodedError('tenant_suspended', 'This tenant is suspended.');
}

function opened({ secrets, settings }: ApiContext, provider: IdentityProvider) {
  return openProvider(provider, { secrets, allowPrivate: settings.privateProviders });
}

/** Whom the provider means: somebody it vouched for before, who is still a member, or a newcomer. */
async function personFor(
  { db }: ApiContext,
  { ip, id }: FastifyRequest,
  { tenantId, issuer, defaultRole }: IdentityProvider,
  person: VouchedPerson,
): Promise<string> {
  const identity = { ...person, tenantId, issuer };
  const known = await findFederatedPerson(db, identity);
  if (known === undefined) {
    const by = { ip: plainAddress(ip), requestId: id };
    const userId = await insertFederatedPerson(db, { ...identity, role: defaultRole }, by);
    if (userId !== undefined) return userId;
    throw new CodedError('account_exists', 'The address has an account of its own: sign in with its password.');
  }
  if ((await listMemberships(db, known)).has(tenantId)) return known;
  throw new CodedError('forbidden', 'You are not a member of this tenant any more.');
}

async function signIn(
  { people }: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  body: { userId: string; onlyTenantId: string },
): Promise<void> {
  await people.ask(reply, (auth, headers) => auth.api.signInFederated({ body, headers, returnHeaders: true }));
  await people.endSession(request);
}
