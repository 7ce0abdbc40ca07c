import { type KeyProvider, KeyProviderError } from './keyProvider.ts';

export interface VaultTransitOptions {
  /** E.g. `https://vault.internal:8200`. */
  address: string;
  token: string;
  /** Where the transit engine is mounted. */
  mount: string;
  /** Name of an AEAD key in it (aes256-gcm96 by default), made by the operator. */
  key: string;
  /** Of Vault Enterprise. */
  namespace?: string;
  timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;
/** Vault's words for "not now": rate limit or quota, sealed or in maintenance, standby of several kinds. */
const PASSING = new Set([412, 429, 472, 473, 500, 502, 503, 504]);

/**
 * The transit engine of HashiCorp Vault: master keys never leave it. The token's policy needs `update` on encrypt/ and decrypt/
 * and `read` on keys/ of this one key. Rotating the key in Vault gives it another name here.
 */
export function createVaultTransitProvider(options: VaultTransitOptions): KeyProvider {
  const { mount, key } = options;
  const prefix = `vault:${mount}/${key}:`;
  const call = (action: 'encrypt' | 'decrypt' | 'keys', body?: object) => callVault(options, action, body);

  return {
    async currentKeyId() {
      const { latest_version: version } = await call('keys');
      if (typeof version !== 'number') throw unexpected('keys');
      return `${prefix}v${version}`;
    },
    owns: (id) => id?.startsWith(prefix) ?? false,
    async wrap(dataKey, context) {
      const { ciphertext } = await call('encrypt', { plaintext: base64(dataKey), associated_data: base64(context) });
      const version = /^vault:(v\d+):/.exec(typeof ciphertext === 'string' ? ciphertext : '')?.[1];
      if (typeof ciphertext !== 'string' || !version) throw unexpected('encrypt');
      return { wrapped: Buffer.from(ciphertext), masterKeyId: `${prefix}${version}` };
    },
    async unwrap({ wrapped }, context) {
      const { plaintext } = await call('decrypt', {
        ciphertext: wrapped.toString(),
        associated_data: base64(context),
      });
      if (typeof plaintext !== 'string') throw unexpected('decrypt');
      return Buffer.from(plaintext, 'base64');
    },
  };
}

/** The `data` of Vault's answer. A body means POST, none GET. */
async function callVault(
  options: VaultTransitOptions,
  action: string,
  body: object | undefined,
): Promise<Record<string, unknown>> {
  const { address, token, mount, key, namespace, timeoutMs = TIMEOUT_MS } = options;
  const url = new URL(`/v1/${mount}/${action}/${encodeURIComponent(key)}`, address);
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: {
      'x-vault-token': token,
      'x-vault-request': 'true',
      ...(namespace ? { 'x-vault-namespace': namespace } : {}),
    },
    body: body && JSON.stringify(body),
    // A token must never follow a redirect to another host; a standby forwards requests by itself.
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch(() => {
    throw new KeyProviderError('keys_unavailable', 'Vault is out of reach');
  });
  const answer = await response.json().catch(() => undefined);
  // Vault's own words may quote what was sent: its status is all that is passed on.
  if (!response.ok) {
    const code = PASSING.has(response.status) ? 'keys_unavailable' : 'internal';
    throw new KeyProviderError(code, `Vault answered ${response.status} to ${action}`);
  }
  const data: unknown = typeof answer === 'object' && answer !== null && 'data' in answer ? answer.data : undefined;
  if (typeof data !== 'object' || data === null) throw unexpected(action);
  return { ...data };
}

function unexpected(action: string): KeyProviderError {
  return new KeyProviderError('keys_unavailable', `Vault gave an answer to ${action} that is none of its own`);
}

function base64(value: string | Buffer): string {
  return Buffer.from(value).toString('base64');
}
