import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { text } from 'node:stream/consumers';
import { isPublic, lookupPublic } from '../../channels/publicAddress.ts';

const MAX_BYTES = 256 * 1024;

/**
 * Gets a document that a tenant's setting names. Only from public addresses by https, unless `allowPrivate`: a setting must not
 * make the server ask its own network. Follows no redirects. Rejects for whatever is not a whole answer of 200.
 */
export async function fetchKeySet(
  address: string,
  { signal, allowPrivate }: { signal: AbortSignal; allowPrivate: boolean },
): Promise<string> {
  const url = new URL(address);
  if (!allowPrivate && (url.protocol !== 'https:' || !isPublic(url.hostname)))
    throw new Error('Key sets come from public https');
  const response = await ask(url, { signal, lookup: allowPrivate ? undefined : lookupPublic });
  if (response.statusCode !== 200) {
    response.destroy();
    throw new Error(`The key set's server answered ${response.statusCode}`);
  }
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) response.destroy(new Error('The key set is too large'));
  });
  return text(response);
}

function ask(url: URL, options: { signal: AbortSignal; lookup: LookupFunction | undefined }): Promise<IncomingMessage> {
  const get = url.protocol === 'https:' ? getHttps : getHttp;
  return new Promise((resolve, reject) => {
    get(url, { ...options, headers: { accept: 'application/json' } }, resolve).on('error', reject);
  });
}
