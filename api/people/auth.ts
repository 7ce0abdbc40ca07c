import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { betterAuth } from 'better-auth/minimal';
import { twoFactor } from 'better-auth/plugins/two-factor';
import { drizzle } from 'drizzle-orm/node-postgres';
import type { Pool } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { PASSWORD_LENGTH } from '../../contracts/people.ts';
import { accounts } from '../../db/schema/people/accounts.ts';
import { sessions } from '../../db/schema/people/sessions.ts';
import { twoFactors } from '../../db/schema/people/twoFactors.ts';
import { users } from '../../db/schema/people/users.ts';
import { verifications } from '../../db/schema/people/verifications.ts';
import { federatedSignIn } from './federatedSignIn.ts';

const MINUTE = 60;
/** However busy a session is, after that the person signs in again. */
const SESSION_SECONDS = 7 * 24 * 60 * MINUTE;
const RESET_SECONDS = 30 * MINUTE;
/** From the password to the second factor. */
const SECOND_FACTOR_SECONDS = 10 * MINUTE;

export interface AuthOptions {
  pool: Pool;
  /** Signs cookies and encrypts second factors. */
  secret: string;
  publicUrl: string;
  /** Cookies go over https alone, and `__Host-` binds them to this very host. */
  secureCookies: boolean;
  /** Has to deal with its failures itself. */
  sendPasswordReset(person: { email: string; name: string }, token: string): Promise<void>;
}

/**
 * better-auth with our tables and without its routes: ours call its functions. It hashes passwords (scrypt), makes and checks
 * sessions, and knows second factors. Nobody signs up by themselves.
 */
export function createAuth(options: AuthOptions) {
  const { pool, secret, publicUrl, secureCookies } = options;
  return betterAuth({
    appName: 'Parley',
    baseURL: publicUrl,
    secret,
    database: drizzleAdapter(drizzle(pool), {
      provider: 'pg',
      schema: { user: users, session: sessions, account: accounts, verification: verifications, twoFactor: twoFactors },
      transaction: true,
    }),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_LENGTH.min,
      maxPasswordLength: PASSWORD_LENGTH.max,
      resetPasswordTokenExpiresIn: RESET_SECONDS,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: async ({ user, token }) => options.sendPasswordReset(user, token),
    },
    user: {
      additionalFields: { platformAdmin: { type: 'boolean', required: false, defaultValue: false, input: false } },
    },
    session: {
      expiresIn: SESSION_SECONDS,
      // How long it was idle is ours to judge, by `updatedAt`; its end stays where it was.
      disableSessionRefresh: true,
      additionalFields: { onlyTenantId: { type: 'string', required: false, input: false } },
    },
    verification: { storeIdentifier: 'hashed' },
    plugins: [twoFactor({ issuer: 'Parley', twoFactorCookieMaxAge: SECOND_FACTOR_SECONDS }), federatedSignIn],
    advanced: {
      // Its own switch would write `__Secure-`.
      useSecureCookies: false,
      cookiePrefix: secureCookies ? '__Host-parley' : 'parley',
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/', secure: secureCookies },
      ipAddress: { disableIpTracking: true },
      database: { generateId: () => uuidv7() },
      // No answer waits for a mail: the time that it takes would tell whether there is an account.
      backgroundTasks: { handler: () => {} },
    },
    // Its log lines may name people, and what fails is thrown to us as well.
    logger: { disabled: true },
    telemetry: { enabled: false },
  });
}

export type Auth = ReturnType<typeof createAuth>;
