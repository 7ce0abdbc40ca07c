import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { z } from 'zod';
import { CodedError } from '../../../contracts/errors.ts';
import { emailSchema, personNameSchema } from '../../../contracts/people.ts';
import { providerRefusal } from './providerRefusal.ts';

const SCOPE = 'openid email profile';

/** What is kept of a sign-in under way, where neither the browser nor the provider can change it. */
export const oidcAttemptSchema = z.object({
  slug: z.string(),
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  returnTo: z.string(),
});
export type OidcAttempt = z.infer<typeof oidcAttemptSchema>;

/** Whom the provider says that it is. */
export interface VouchedPerson {
  subject: string;
  /** Lower case; verified by the provider. */
  email: string;
  name: string;
}

const claimsSchema = z.object({
  sub: z.string().min(1).max(255),
  email: emailSchema.optional(),
  // Some providers write booleans as words.
  email_verified: z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]).optional(),
  name: z.string().optional(),
});
type Claims = z.infer<typeof claimsSchema>;

/** Where the browser goes to sign in, and what has to be kept until it comes back. */
export async function beginOidc(
  provider: Configuration,
  { slug, redirectUri, returnTo }: { slug: string; redirectUri: string; returnTo: string },
): Promise<{ url: URL; attempt: OidcAttempt }> {
  const attempt = {
    slug,
    state: randomState(),
    nonce: randomNonce(),
    codeVerifier: randomPKCECodeVerifier(),
    returnTo,
  };
  const url = buildAuthorizationUrl(provider, {
    redirect_uri: redirectUri,
    scope: SCOPE,
    response_type: 'code',
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await calculatePKCECodeChallenge(attempt.codeVerifier),
    code_challenge_method: 'S256',
  });
  return { url, attempt };
}

/**
 * Trades the code for an ID token and believes it when issuer, audience, signature, time, nonce and state are right. Throws
 * `oidc_refused`, `oidc_unavailable` or `email_unverified`.
 */
export async function finishOidc(
  provider: Configuration,
  { state, nonce, codeVerifier }: OidcAttempt,
  callbackUrl: URL,
): Promise<VouchedPerson> {
  const claims = await claimsOf(provider, callbackUrl, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: codeVerifier,
    idTokenExpected: true,
  }).catch((error: unknown) => {
    throw providerRefusal(error);
  });
  const { sub: subject, email, email_verified: verified, name } = claims;
  if (!email || verified !== true) {
    throw new CodedError('email_unverified', 'The identity provider has not verified an e-mail address of yours.');
  }
  return { subject, email, name: personNameSchema.safeParse(name).data ?? email.split('@')[0] ?? subject };
}

/** Those of the ID token; where it has no address, those that the provider gives to whoever has the access token. */
async function claimsOf(
  provider: Configuration,
  callbackUrl: URL,
  checks: Parameters<typeof authorizationCodeGrant>[2],
): Promise<Claims> {
  const tokens = await authorizationCodeGrant(provider, callbackUrl, checks);
  const claims = claimsSchema.parse(tokens.claims());
  if (claims.email || !provider.serverMetadata().userinfo_endpoint) return claims;
  return claimsSchema.parse(await fetchUserInfo(provider, tokens.access_token, claims.sub));
}
