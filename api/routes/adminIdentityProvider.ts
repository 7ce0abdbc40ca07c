import { z } from 'zod';
import { CodedError } from '../../contracts/errors.ts';
import { identityProviderSchema, saveIdentityProviderSchema } from '../../contracts/people.ts';
import { deleteIdentityProvider } from '../../db/queries/identityProviders/deleteIdentityProvider.ts';
import { getIdentityProvider, type IdentityProvider } from '../../db/queries/identityProviders/getIdentityProvider.ts';
import { saveIdentityProvider } from '../../db/queries/identityProviders/saveIdentityProvider.ts';
import { byRequest } from '../access/byRequest.ts';
import type { ApiContext } from '../context.ts';
import { oidcRedirectUri } from '../people/oidc/oidcRedirectUri.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { orNotFound } from './orNotFound.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const tags = ['admin'];
/** Who sets it decides who gets in, as with members. */
const config = { access: { scope: 'members:manage', role: 'admin' } } as const;
const path = '/v1/admin/identity-provider';

/** The tenant's own OpenID Connect provider, at which its people sign in. */
export const adminIdentityProviderRoutes: RouteModule = async (app, { api }) => {
  const toView = ({ slug, issuer, clientId, defaultRole, updatedAt }: IdentityProvider) => ({
    slug,
    issuer,
    clientId,
    defaultRole,
    redirectUri: oidcRedirectUri(api.people.publicUrl(), slug),
    updatedAt: updatedAt.toISOString(),
  });

  app.get(
    path,
    {
      config,
      schema: {
        tags,
        response: { 200: identityProviderSchema, ...problemResponses(...ADMIN_PROBLEMS, 'not_found') },
      },
    },
    async ({ tenantId }) => toView(orNotFound(await getIdentityProvider(api.db, tenantId))),
  );

  app.put(
    path,
    {
      config,
      schema: {
        tags,
        body: saveIdentityProviderSchema,
        response: {
          200: identityProviderSchema,
          ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'conflict'),
        },
      },
    },
    async (request) => {
      const { tenantId, body } = request;
      const { clientSecret: given, ...rest } = body;
      if (!api.settings.privateProviders && !body.issuer.startsWith('https:')) {
        throw new CodedError('invalid_request', 'An issuer is reached by https.', {
          details: [{ path: '/issuer', message: 'must be https' }],
        });
      }
      const clientSecret = await sealedSecret(api, tenantId, given);
      const saved = await saveIdentityProvider(api.db, { ...rest, tenantId, clientSecret }, byRequest(request));
      if (!saved) throw new CodedError('conflict', 'The slug is taken.');
      return toView(saved);
    },
  );

  app.delete(
    path,
    {
      config,
      schema: {
        tags,
        response: {
          204: z.null().describe('Nobody signs in by it any more; who did is signed out.'),
          ...problemResponses(...ADMIN_PROBLEMS, 'not_found'),
        },
      },
    },
    async (request, reply) => {
      orNotFound((await deleteIdentityProvider(api.db, request.tenantId, byRequest(request))) || undefined);
      return reply.code(204).send(null);
    },
  );
};

/** The present secret where none is given. */
async function sealedSecret({ db, secrets }: ApiContext, tenantId: string, given: string | undefined): Promise<Buffer> {
  if (given !== undefined) return secrets.seal(tenantId, given);
  const present = await getIdentityProvider(db, tenantId);
  if (present) return present.clientSecret;
  throw new CodedError('invalid_request', 'A new identity provider needs its client secret.', {
    details: [{ path: '/clientSecret', message: 'is missing' }],
  });
}
