import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Counter } from 'prom-client';
import { CodedError } from '../../contracts/errors.ts';
import type { Db } from '../../db/createDb.ts';
import { deleteExpired } from '../../db/queries/people/deleteExpired.ts';
import { deleteSession } from '../../db/queries/people/deleteSession.ts';
import { touchSession } from '../../db/queries/people/touchSession.ts';
import type { SecretBox } from '../../encryption/secretBox.ts';
import type { Mailer } from '../../runtime/mail/mailer.ts';
import type { People } from '../access/people.ts';
import type { CounterStore } from '../limits/counterStore.ts';
import { type Auth, createAuth } from './auth.ts';
import { loadPeopleSecret } from './loadPeopleSecret.ts';
import { createLockout, type Lockout } from './lockout.ts';
import { passwordResetMail } from './mails.ts';
import { refusalOf } from './refusalOf.ts';
import { isOwnOrigin, requireOwnPage } from './requireOwnPage.ts';

/** A working day: who comes back the next morning signs in again. */
const IDLE_MS = 12 * 60 * 60 * 1_000;
/** A session in use is written to once in this time, not with every request. */
const TOUCH_AFTER_MS = 60_000;

export interface AccountsOptions {
  db: Db;
  secrets: SecretBox;
  mailer: Mailer;
  logger: Logger;
  counters: CounterStore;
  refusals: Counter<'limit'>;
  /** Where people reach this installation, without a slash at the end. Asked at the first use: a port of 0 is known only then. */
  publicUrl(): string;
  secureCookies: boolean;
}

type AuthSession = NonNullable<Awaited<ReturnType<Auth['api']['getSession']>>>;

/** What the routes of people's accounts do their work with. */
export interface Accounts extends People {
  lockout: Lockout;
  publicUrl(): string;
  /** The session behind a request's cookie; undefined without one that is good. */
  sessionOf(request: FastifyRequest): Promise<AuthSession | undefined>;
  /** The same where there has to be one. Throws `auth_required`. */
  requireSession(request: FastifyRequest): Promise<AuthSession>;
  /** The same, and the person proved by themselves who they are: no tenant's provider did. Throws `forbidden`. */
  requireOwnSession(request: FastifyRequest): Promise<AuthSession>;
  /** Ends the session that a request came with, and all whose time is over: whoever signs in leaves nothing behind. */
  endSession(request: FastifyRequest): Promise<void>;
  /** Throws `csrf_refused` for what another site's page made a browser send. */
  requireOwnPage(request: FastifyRequest): void;
  /** Asks better-auth with the request's cookies, and gives its cookies to the reply. Its refusals become ours. */
  ask<T>(reply: FastifyReply, question: Question<T>): Promise<T>;
  /** Ends the session with this token, which a reply was about to give. */
  takeBack(reply: FastifyReply, token: string): Promise<void>;
  /** The library itself, for what needs no cookies. */
  auth(): Promise<Auth>;
}

type Question<T> = (auth: Auth, headers: Headers) => Promise<{ headers: Headers; response: T }>;

/** Needs no database before the first person comes. */
export function createAccounts(options: AccountsOptions): Accounts {
  const { db, secrets, mailer, logger, counters, refusals, publicUrl, secureCookies } = options;
  let opening: Promise<Auth> | undefined;

  async function open(): Promise<Auth> {
    return createAuth({
      pool: db.pool,
      secret: await loadPeopleSecret(db, secrets),
      publicUrl: publicUrl(),
      secureCookies,
      async sendPasswordReset(person, token) {
        await mailer.send(passwordResetMail(person, token, publicUrl())).catch((err: unknown) => {
          logger.error({ err }, 'a mail to reset a password was not sent');
        });
      },
    });
  }

  function auth(): Promise<Auth> {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  async function sessionOf(request: FastifyRequest): Promise<AuthSession | undefined> {
    if (!request.headers.cookie?.includes('parley.session_token=')) return undefined;
    const { api } = await auth();
    const found = await api.getSession({ headers: cookiesOf(request) }).catch((error: unknown) => {
      throw refusalOf(error);
    });
    if (!found) return undefined;
    const { id, updatedAt } = found.session;
    const idleMs = Date.now() - updatedAt.getTime();
    if (idleMs > IDLE_MS) {
      await deleteSession(db, id);
      return undefined;
    }
    if (idleMs > TOUCH_AFTER_MS) await touchSession(db, id);
    return found;
  }

  async function requireSession(request: FastifyRequest): Promise<AuthSession> {
    const found = await sessionOf(request);
    if (!found) throw new CodedError('auth_required', 'Sign in again.');
    return found;
  }

  return {
    lockout: createLockout({ store: counters, refusals }),
    publicUrl,
    sessionOf,
    requireSession,
    async requireOwnSession(request) {
      const found = await requireSession(request);
      if (found.session.onlyTenantId) throw new CodedError('forbidden', 'Sign in with your password for this.');
      return found;
    },
    async endSession(request) {
      const found = await sessionOf(request);
      if (found) await deleteSession(db, found.session.id);
      await deleteExpired(db);
    },
    auth,
    async takeBack(reply, token) {
      reply.removeHeader('set-cookie');
      const { internalAdapter } = await (await auth()).$context;
      await internalAdapter.deleteSession(token).catch((error: unknown) => {
        throw refusalOf(error);
      });
    },
    requireOwnPage: (request) => requireOwnPage(request, publicUrl()),
    isOwnOrigin: ({ headers: { origin = '' }, host }) => isOwnOrigin(origin, host, publicUrl()),
    async personOf(request) {
      const found = await sessionOf(request);
      if (!found) return undefined;
      requireOwnPage(request, publicUrl());
      const { user, session } = found;
      if (!session.onlyTenantId) return { userId: user.id, platformAdmin: user.platformAdmin === true };
      // Its provider vouches for what happens in its own tenant, not for the installation.
      return { userId: user.id, platformAdmin: false, onlyTenantId: session.onlyTenantId };
    },
    async ask(reply, question) {
      const { headers, response } = await question(await auth(), cookiesOf(reply.request)).catch((error: unknown) => {
        const refusal = refusalOf(error);
        if (isLocked(refusal)) refusals.inc({ limit: 'account.secondFactor' });
        throw refusal;
      });
      const cookies = headers.getSetCookie();
      if (cookies.length > 0) reply.header('set-cookie', cookies);
      reply.header('cache-control', 'no-store');
      return response;
    },
  };
}

/** better-auth counts wrong second factors itself. */
function isLocked(refusal: unknown): boolean {
  return refusal instanceof CodedError && refusal.code === 'rate_limited';
}

/** Nothing else of a request is anything to better-auth. */
function cookiesOf({ headers }: FastifyRequest): Headers {
  return new Headers(headers.cookie === undefined ? {} : { cookie: headers.cookie });
}
