import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export const CLIENT = { clientId: 'parley', clientSecret: 'a secret that the tenant and its provider share' };

/** A whole OpenID provider (oidc-provider) on a free port, whose accounts are the addresses that people log in with. */
export interface OidcProvider {
  issuer: string;
  /** Logs in, from the address that the start answered with to the one that the browser is sent back to. */
  logIn(authorizationUrl: string, email: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startOidcProvider({ redirectUri }: { redirectUri: string }): Promise<OidcProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, redirect_uris: [redirectUri] }],
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, email: id, email_verified: true, name: 'Alex of the tenant' }),
    }),
    cookies: { keys: ['a key of this test alone'] },
  });
  const answer = provider.callback();
  server.on('request', (request, response) => void answer(request, response));

  return {
    issuer,
    logIn: (authorizationUrl, email) => walk(issuer, authorizationUrl, email),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Follows redirects with the provider's cookies, and fills in its two forms: the login, then the consent. */
async function walk(issuer: string, start: string, login: string): Promise<string> {
  const jar = new Map<string, string>();
  let url = start;
  for (let step = 0; step < 12; step += 1) {
    if (!url.startsWith(issuer)) return url;
    const isForm = /\/interaction\/[\w-]+$/.test(url);
    const prompt = isForm ? await promptOf(url, jar) : undefined;
    const body = prompt && new URLSearchParams({ prompt, login, password: 'any' });
    const response = await fetch(url, {
      method: body ? 'POST' : 'GET',
      body,
      redirect: 'manual',
      headers: { cookie: cookieHeader(jar) },
    });
    keep(jar, response);
    url = new URL(response.headers.get('location') ?? '', url).href;
  }
  throw new Error(`The provider never sent the browser back: ${url}`);
}

async function promptOf(url: string, jar: Map<string, string>): Promise<string> {
  const response = await fetch(url, { headers: { cookie: cookieHeader(jar) } });
  keep(jar, response);
  return /name="prompt" value="(\w+)"/.exec(await response.text())?.[1] ?? 'login';
}

function keep(jar: Map<string, string>, response: Response): void {
  for (const cookie of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    jar.set(name, value);
  }
}

function cookieHeader(jar: Map<string, string>): string {
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
}
