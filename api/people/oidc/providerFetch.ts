import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { CustomFetch } from 'openid-client';
import { isPublic, lookupPublic } from '../../../channels/publicAddress.ts';

const ANSWER_WITHIN_MS = 5_000;
const MAX_BYTES = 512 * 1024;

/**
 * A fetch for the addresses that an identity provider names. Only public ones by https, unless `allowPrivate`: a tenant's setting
 * must not make the server ask its own network. Follows no redirects.
 */
export function createProviderFetch({ allowPrivate }: { allowPrivate: boolean }): CustomFetch {
  return async (address, { method, headers, body }) => {
    const url = new URL(address);
    if (!allowPrivate && (url.protocol !== 'https:' || !isPublic(url.hostname))) {
      throw new TypeError('Identity providers are reached by public https');
    }
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const lookup = allowPrivate ? undefined : lookupPublic;
    const incoming = await send(url, { method, headers, signal, lookup }, textOf(body));
    return toResponse(incoming, await contentOf(incoming));
  };
}

function send(url: URL, options: RequestOptions, body: string | undefined): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    request(url, options, resolve).on('error', reject).end(body);
  });
}

async function contentOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new TypeError('The answer of the identity provider is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** openid-client sends forms and nothing else. */
function textOf(body: unknown): string | undefined {
  return typeof body === 'string' || body instanceof URLSearchParams ? String(body) : undefined;
}

function toResponse({ statusCode: status = 502, headers }: IncomingMessage, content: Buffer): Response {
  const pairs = Object.entries(headers).map(([name, value]): [string, string] => [name, [value].flat().join(', ')]);
  const isEmpty = status === 204 || status === 304;
  return new Response(isEmpty ? null : new Uint8Array(content), { status, headers: pairs });
}
