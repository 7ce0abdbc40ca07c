import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { WebhookError } from '../../contracts/webhook.ts';
import { lookupPublic, PrivateAddressError } from '../publicAddress.ts';
import { retryAfterMs } from '../retryAfterMs.ts';
import { machineWord } from './machineWord.ts';
import { signedHeaders } from './signedHeaders.ts';
import { isAllowedHost, mayReceive } from './webhookAddress.ts';

export interface WebhookRequest {
  url: string;
  /** The event's id: the same in every attempt. */
  id: string;
  /** JSON. */
  body: string;
  /** The newest first; each of them signs. */
  secrets: readonly string[];
}

/** What became of a request. `error` is undefined when the receiver took it. */
export interface WebhookOutcome {
  status?: number;
  error?: WebhookError;
  /** Of an error in JSON, the word for machines. */
  answer?: string;
  /** How long the receiver wants to be left alone. */
  retryAfterMs?: number;
  durationMs: number;
}

/** Sends one event. Rejects only when `signal` is aborted: then nobody knows what became of it. */
export type SendWebhook = (request: WebhookRequest, signal?: AbortSignal) => Promise<WebhookOutcome>;

/** The convention asks for 15 to 30 s. */
const ANSWER_WITHIN_MS = 15_000;
/** More of an answer is not read. */
const MAX_ANSWER_BYTES = 4_096;

/**
 * Sends as the Standard Webhooks convention has it. Connects to the address that was judged, follows no redirect, and shares no
 * connection between requests. `allowedHosts` may lie in the installation's own network.
 */
export function createWebhookSender(options: {
  allowedHosts: readonly string[];
  answerWithinMs?: number;
}): SendWebhook {
  const { allowedHosts, answerWithinMs = ANSWER_WITHIN_MS } = options;
  return async ({ url: address, ...message }, signal) => {
    const startedAt = performance.now();
    const taken = () => Math.round(performance.now() - startedAt);
    const url = new URL(address);
    if (!mayReceive(url, allowedHosts)) return { error: 'address_refused', durationMs: taken() };
    const timeout = AbortSignal.timeout(answerWithinMs);
    try {
      const outcome = await post(url, message.body, {
        headers: { ...signedHeaders(message), 'content-type': 'application/json', 'user-agent': 'Parley-Webhooks/1' },
        lookup: isAllowedHost(url, allowedHosts) ? undefined : lookupPublic,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      return { ...outcome, durationMs: taken() };
    } catch (error) {
      signal?.throwIfAborted();
      return { error: timeout.aborted ? 'timeout' : failureOf(error), durationMs: taken() };
    }
  };
}

async function post(
  url: URL,
  body: string,
  { headers, ...options }: RequestOptions,
): Promise<Omit<WebhookOutcome, 'durationMs'>> {
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const length = { 'content-length': Buffer.byteLength(body) };
    send(url, { ...options, method: 'POST', agent: false, headers: { ...headers, ...length } }, resolve)
      .on('error', reject)
      .end(body);
  });
  const { statusCode: status = 0 } = answer;
  const error = errorOf(status);
  if (error === undefined) {
    answer.destroy();
    return { status };
  }
  return {
    status,
    error,
    answer: machineWord(await beginningOf(answer)),
    retryAfterMs: retryAfterMs({ 'retry-after': answer.headers['retry-after'] ?? '' }, Date.now()),
  };
}

function errorOf(status: number): WebhookError | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status === 410) return 'gone';
  if (status === 429) return 'throttled';
  if (status >= 300 && status < 400) return 'redirected';
  return status >= 500 ? 'server_error' : 'refused';
}

/** The status has come: an answer that breaks off, or never ends, has said enough. */
async function beginningOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer) {
      if (!Buffer.isBuffer(chunk)) continue;
      chunks.push(chunk);
      bytes += chunk.byteLength;
      if (bytes > MAX_ANSWER_BYTES) break;
    }
  } catch {
    return '';
  }
  return Buffer.concat(chunks).toString('utf8');
}

const DNS_CODES = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ENODATA'];
const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/;

function failureOf(error: unknown): WebhookError {
  if (error instanceof PrivateAddressError) return 'address_refused';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (DNS_CODES.includes(code)) return 'dns_failed';
  return TLS_CODE.test(code) ? 'tls_failed' : 'connection_failed';
}
