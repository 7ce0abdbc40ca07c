import type { BetterAuthPlugin } from 'better-auth';
import { APIError, createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { z } from 'zod';

/** Signs in somebody whom a tenant's identity provider vouched for. For our own code: no request reaches it by itself. */
export const federatedSignIn = {
  id: 'federated-sign-in',
  endpoints: {
    signInFederated: createAuthEndpoint.serverOnly(
      { method: 'POST', body: z.object({ userId: z.string(), onlyTenantId: z.uuid() }) },
      async (ctx) => {
        const { userId, onlyTenantId } = ctx.body;
        const user = await ctx.context.internalAdapter.findUserById(userId);
        if (!user) throw new APIError('UNAUTHORIZED', { code: 'UNAUTHORIZED' });
        const session = await ctx.context.internalAdapter.createSession(userId, false, { onlyTenantId });
        await setSessionCookie(ctx, { session, user });
        return ctx.json({ signedIn: true });
      },
    ),
  },
} satisfies BetterAuthPlugin;
