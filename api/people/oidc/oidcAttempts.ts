import type { FastifyReply, FastifyRequest } from 'fastify';
import { CodedError } from '../../../contracts/errors.ts';
import { sameSecret } from '../../access/sameSecret.ts';
import type { Accounts } from '../accounts.ts';
import { refusalOf } from '../refusalOf.ts';
import { type OidcAttempt, oidcAttemptSchema } from './signInByProvider.ts';

const KEEP_SECONDS = 10 * 60;

/** Keeps what a sign-in under way has to find again, and binds it to this browser: a foreign page cannot finish one that it began. */
export async function keepAttempt(accounts: Accounts, reply: FastifyReply, attempt: OidcAttempt): Promise<void> {
  const { $context } = await accounts.auth();
  const { internalAdapter, createAuthCookie } = await $context;
  const expiresAt = new Date(Date.now() + KEEP_SECONDS * 1_000);
  await internalAdapter
    .createVerificationValue({ identifier: identifierOf(attempt.state), value: JSON.stringify(attempt), expiresAt })
    .catch((error: unknown) => {
      throw refusalOf(error);
    });
  const { name, attributes } = createAuthCookie('oidc');
  const secure = attributes.secure ? '; Secure' : '';
  reply.header(
    'set-cookie',
    `${name}=${attempt.state}; Max-Age=${KEEP_SECONDS}; Path=/; HttpOnly; SameSite=Lax${secure}`,
  );
}

/** The attempt that comes back, once. Throws `oidc_expired` for one that is unknown, used, too old, or another browser's. */
export async function takeAttempt(accounts: Accounts, request: FastifyRequest, state: string): Promise<OidcAttempt> {
  const { $context } = await accounts.auth();
  const { internalAdapter, createAuthCookie } = await $context;
  const cookie = cookieOf(request, createAuthCookie('oidc').name);
  if (cookie === undefined || !sameSecret(cookie, state)) throw expired();
  const kept = await internalAdapter.consumeVerificationValue(identifierOf(state)).catch((error: unknown) => {
    throw refusalOf(error);
  });
  if (!kept || kept.expiresAt.getTime() < Date.now()) throw expired();
  return oidcAttemptSchema.parse(JSON.parse(kept.value));
}

function identifierOf(state: string): string {
  return `oidc-${state}`;
}

function cookieOf({ headers }: FastifyRequest, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

function expired(): CodedError {
  return new CodedError('oidc_expired', 'This sign-in is not under way any more; begin again.');
}
