import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { CLIENT } from './startOidcProvider.ts';

/** What the next ID token says; by default all that is right for the nonce. */
export interface Forgery {
  nonce: string;
  claims?: JWTPayload;
  /** Signed with a key that the provider does not publish. */
  withForeignKey?: boolean;
  /** Not signed at all. */
  unsigned?: boolean;
}

/** A provider that says whatever a test wants: discovery and keys are in order, its ID tokens are not. */
export interface Forger {
  issuer: string;
  /** What is wrong with the token that the next code is traded for; undefined answers 500. */
  next: Forgery | undefined;
  stop(): Promise<void>;
}

export async function startForger(): Promise<Forger> {
  const [own, foreign] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'own', alg: 'RS256', use: 'sig' };
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path === '/.well-known/openid-configuration') return json(response, 200, metadata(forger.issuer));
    if (path === '/jwks') return json(response, 200, { keys: [jwk] });
    const { next } = forger;
    if (path !== '/token' || !next) return json(response, 500, { error: 'server_error' });
    void idToken(next).then((id_token) =>
      json(response, 200, { access_token: 'an-access-token', token_type: 'Bearer', expires_in: 60, id_token }),
    );
  });

  async function idToken({ nonce, claims, withForeignKey, unsigned }: Forgery): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const payload: JWTPayload = {
      iss: forger.issuer,
      aud: CLIENT.clientId,
      sub: 'somebody',
      iat: now,
      exp: now + 60,
      nonce,
      email_verified: true,
      ...claims,
    };
    if (unsigned) return new UnsecuredJWT(payload).encode();
    const key = withForeignKey ? foreign.privateKey : own.privateKey;
    return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'own' }).sign(key);
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const forger: Forger = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: undefined,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return forger;
}

function metadata(issuer: string): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
