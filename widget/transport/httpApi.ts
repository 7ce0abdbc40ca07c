import type { Message } from '../../contracts/message.ts';
import type { ProofOfWork } from '../../contracts/proofOfWork.ts';
import type { SiteLook } from '../../contracts/site.ts';
import type {
  ConfigResponse,
  InitRequest,
  MessagesPage,
  TokenRequest,
  TokenResponse,
} from '../../contracts/webchat.ts';
import { NetworkError, RefusedError } from './errors.ts';
import {
  isCount,
  isObject,
  isText,
  optionalText,
  parseClosing,
  parseMessages,
  parseObject,
  type Unknowns,
} from './guards.ts';

const TIMEOUT_MS = 15_000;
const HEX_COLOUR = /^#[0-9a-f]{6}$/i;

/** The API's routes that the widget uses. Each rejects with RefusedError or NetworkError. */
export interface HttpApi {
  config(siteKey: string): Promise<ConfigResponse>;
  init(request: InitRequest): Promise<TokenResponse>;
  /** `lastToken` vouches for a verified user while it is valid. */
  token(request: TokenRequest, lastToken: string): Promise<TokenResponse>;
  /** Messages with `seq` > since, one page. */
  messages(input: { conversationId: string; since: number; token: string }): Promise<MessagesPage>;
}

/** `baseUrl` is the API's origin without a trailing slash. */
export function createHttpApi(baseUrl: string): HttpApi {
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    call(`${baseUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return {
    config: async (siteKey) =>
      parseConfig(await call(`${baseUrl}/v1/webchat/config?siteKey=${encodeURIComponent(siteKey)}`)),
    init: async (request) => parseToken(await post('/v1/webchat/init', request)),
    token: async (request, lastToken) =>
      parseToken(await post('/v1/webchat/token', request, { authorization: `Bearer ${lastToken}` })),
    messages: async ({ conversationId, since, token }) =>
      parsePage(
        await call(`${baseUrl}/v1/conversations/${encodeURIComponent(conversationId)}/messages?since=${since}`, {
          headers: { authorization: `Bearer ${token}` },
        }),
      ),
  };
}

/** One request for JSON. Rejects with RefusedError or NetworkError. */
export async function call(url: string, init: RequestInit = {}): Promise<Unknowns> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(url, { ...init, credentials: 'omit', cache: 'no-store', signal: abort.signal });
    const body = parseObject(await response.text());
    if (!response.ok) throw refusal(response, body);
    if (!body) throw new NetworkError();
    return body;
  } catch (error) {
    throw error instanceof RefusedError ? error : new NetworkError(error);
  } finally {
    clearTimeout(timer);
  }
}

function refusal(response: Response, body: Unknowns | undefined): RefusedError {
  const header = Number(response.headers.get('retry-after') ?? Number.NaN);
  const seconds = typeof body?.retryAfter === 'number' ? body.retryAfter : header;
  return new RefusedError(
    response.status,
    optionalText(body?.code) ?? 'unknown',
    Number.isFinite(seconds) ? seconds : undefined,
  );
}

function parseConfig(raw: Unknowns): ConfigResponse {
  const { siteKey, challenge, challengeExpiresAt, limits } = raw;
  if (!isText(siteKey) || !isText(challenge) || !isText(challengeExpiresAt)) throw new NetworkError();
  if (!isObject(limits) || !isCount(limits.messageLength) || !isCount(limits.frameBytes)) throw new NetworkError();
  return {
    siteKey,
    challenge,
    challengeExpiresAt,
    proofOfWork: parseWork(isObject(raw.proofOfWork) ? raw.proofOfWork : {}),
    look: parseLook(isObject(raw.look) ? raw.look : {}),
    limits: {
      messageLength: limits.messageLength,
      frameBytes: limits.frameBytes,
      fileBytes: isCount(limits.fileBytes) ? limits.fileBytes : 0,
    },
  };
}

function parseWork({ difficulty, count, required }: Unknowns): ProofOfWork {
  return {
    algorithm: 'SHA-256',
    difficulty: isCount(difficulty) ? difficulty : 0,
    count: isCount(count) ? count : 0,
    required: required === true,
  };
}

function parseLook(raw: Unknowns): SiteLook {
  const accent = optionalText(raw.accent) ?? '';
  return {
    title: optionalText(raw.title) ?? '',
    subtitle: optionalText(raw.subtitle) ?? '',
    welcome: optionalText(raw.welcome) ?? '',
    accent: HEX_COLOUR.test(accent) ? accent : '#4f46e5',
    position: raw.position === 'left' ? 'left' : 'right',
    locale: optionalText(raw.locale) ?? 'en',
  };
}

function parseToken({ conversationId, token, expiresAt }: Unknowns): TokenResponse {
  if (!isText(conversationId) || !isText(token) || !isText(expiresAt)) throw new NetworkError();
  return { conversationId, token, expiresAt };
}

function parsePage({ messages, lastSeq, hasMore, closed }: Unknowns): MessagesPage {
  const parsed: Message[] = parseMessages(messages);
  return {
    messages: parsed,
    lastSeq: isCount(lastSeq) ? lastSeq : 0,
    hasMore: hasMore === true,
    closed: parseClosing(closed) ?? null,
  };
}
