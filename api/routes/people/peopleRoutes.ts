import type { RouteModule } from '../routeModule.ts';
import { acceptInvitationRoutes } from './acceptInvitation.ts';
import { oidcRoutes } from './oidc.ts';
import { passwordRoutes } from './password.ts';
import { signInRoutes } from './signIn.ts';
import { totpRoutes } from './totp.ts';

/** /api/auth: how people sign in, with cookies. Whatever changes something is for our own pages alone, signed in or not. */
export const peopleRoutes: RouteModule = async (app, { api }) => {
  app.addHook('onRequest', async (request) => api.people.requireOwnPage(request));
  await app.register(signInRoutes, { api });
  await app.register(passwordRoutes, { api });
  await app.register(totpRoutes, { api });
  await app.register(acceptInvitationRoutes, { api });
  await app.register(oidcRoutes, { api });
};
