import { createSecretKey } from 'node:crypto';
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import { CodedError } from '../../contracts/errors.ts';
import { storable } from '../../contracts/storable.ts';
import { type VisitorTraits, visitorTraitsSchema } from '../../contracts/webchat.ts';
import type { Site } from '../../db/queries/loadSite.ts';
import type { SecretBox } from '../../encryption/secretBox.ts';
import { fetchKeySet } from './fetchKeySet.ts';

/** A shared secret is for one algorithm, published keys for those that need none: neither can be taken for the other. */
const SECRET_ALGORITHMS = ['HS256'];
const PUBLISHED_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA'];
const LONGEST_SECONDS = 60 * 60;
const CLOCKS_DIFFER_SECONDS = 30;

const FETCH_WITHIN_MS = 3_000;
/** An unknown key id makes a site's keys be asked for again, no more often than this. */
const COOLDOWN_MS = 30_000;
const KEEP_KEYS_MS = 10 * 60_000;
const MAX_KEY_SETS = 500;
const RETRY_AFTER_SECONDS = 5;

const claimsSchema = z.object({
  sub: storable(z.string().min(1).max(255)),
  exp: z.number(),
  name: storable(z.string().trim().min(1).max(80)).optional(),
  traits: visitorTraitsSchema.optional(),
});

/** Whom the site says that its visitor is. */
export interface VerifiedVisitor {
  userId: string;
  name?: string;
  traits?: VisitorTraits;
}

export interface Identities {
  /** Throws `identity_invalid`, `identity_expired` or `identity_unavailable`: the site's keys cannot be had at the moment. */
  verify(site: Site, identity: string): Promise<VerifiedVisitor>;
}

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/** Verifies tokens by which sites say who their visitors are. */
export function createIdentities(options: { secrets: SecretBox; allowPrivate: boolean }): Identities {
  const keySets = new Map<string, KeySet>();

  function keySetAt(address: string): KeySet {
    const known = keySets.get(address);
    if (known) return known;
    const [oldest] = keySets.keys();
    if (keySets.size >= MAX_KEY_SETS && oldest !== undefined) keySets.delete(oldest);
    const keySet = openKeySet(address, options.allowPrivate);
    keySets.set(address, keySet);
    return keySet;
  }

  async function payloadOf(site: Site, identity: string): Promise<JWTPayload> {
    const { tenantId, key: siteKey, identity: settings, identitySecret } = site;
    const rules = {
      audience: settings?.audience ?? siteKey,
      requiredClaims: ['sub', 'exp'],
      clockTolerance: CLOCKS_DIFFER_SECONDS,
    };
    if (settings?.mode === 'jwks') {
      const keySet = keySetAt(settings.jwksUrl);
      return (await jwtVerify(identity, keySet, { ...rules, algorithms: PUBLISHED_ALGORITHMS })).payload;
    }
    // Taken for nobody's, whoever trusts in it would be wrong.
    if (!settings || !identitySecret) throw invalid('This site takes no identities.');
    const secret = createSecretKey(Buffer.from(await options.secrets.open(tenantId, identitySecret), 'utf8'));
    return (await jwtVerify(identity, secret, { ...rules, algorithms: SECRET_ALGORITHMS })).payload;
  }

  return {
    async verify(site, identity) {
      const payload = await payloadOf(site, identity).catch((error: unknown) => {
        throw refusalOf(error);
      });
      const claims = claimsSchema.safeParse(payload);
      if (!claims.success) throw invalid('The identity has claims of another shape.');
      const { sub: userId, exp, name, traits } = claims.data;
      if (exp - Date.now() / 1_000 > LONGEST_SECONDS + CLOCKS_DIFFER_SECONDS) {
        throw invalid('An identity may be valid for one hour.');
      }
      return { userId, ...(name === undefined ? {} : { name }), ...(traits === undefined ? {} : { traits }) };
    },
  };
}

function openKeySet(address: string, allowPrivate: boolean): KeySet {
  return createRemoteJWKSet(new URL(address), {
    timeoutDuration: FETCH_WITHIN_MS,
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: KEEP_KEYS_MS,
    [customFetch]: async (url, { signal }) => {
      try {
        return Response.json(JSON.parse(await fetchKeySet(url, { signal, allowPrivate })));
      } catch (cause) {
        throw unavailable(cause);
      }
    },
  });
}

/** What is wrong with the token is the client's to know; a failure of our own stays what it is. */
function refusalOf(error: unknown): unknown {
  if (error instanceof CodedError) return error;
  if (error instanceof errors.JWTExpired) {
    return new CodedError('identity_expired', 'The identity has expired; the page must bring a new one.');
  }
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return unavailable(error);
  return invalid('The identity is not valid.', error);
}

function invalid(message: string, cause?: unknown): CodedError {
  return new CodedError('identity_invalid', message, { cause });
}

function unavailable(cause: unknown): CodedError {
  return new CodedError('identity_unavailable', 'The keys of this site cannot be had at the moment.', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    cause,
  });
}
