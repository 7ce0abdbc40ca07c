import type { ConfigResponse, InitRequest, TokenResponse } from '../../contracts/webchat.ts';
import { RefusedError } from './errors.ts';
import type { HttpApi } from './httpApi.ts';
import { solve } from './proofOfWork.ts';

/** Leaves the request time to arrive before the challenge ends. */
const CHALLENGE_MARGIN_MS = 10_000;
/** Refusals that a fresh config can mend. */
const MENDABLE = /^(challenge|pow)_/;
/** What `token` says when the last token is too old to vouch for a verified user. */
const UNVOUCHED = new Set(['identity_required', 'token_expired', 'token_invalid']);
/** The conversation is over for this visitor; another may begin. */
const GONE = new Set(['conversation_not_found', 'session_revoked']);

export interface CredentialsOptions {
  api: HttpApi;
  siteKey: string;
  /** The config that drew the launcher; its challenge is used first. */
  config: ConfigResponse;
  /** Where the conversation's id outlives the page. */
  memory: { read(): string | undefined; write(conversationId: string | undefined): void };
  /** What an init says of the visitor, read when it is made. */
  describeVisitor(): Pick<InitRequest, 'visitorName' | 'externalSessionId' | 'source' | 'identity' | 'traits'>;
}

/**
 * Returns a function that gives a fresh token for each connect: `init` the first time and when the page has named another
 * visitor, `token` from then on. A challenge is good for one of them. A conversation that is gone (purged) is replaced by a new
 * one.
 */
export function createCredentials(options: CredentialsOptions): () => Promise<TokenResponse> {
  const { api, siteKey, memory } = options;
  let unused: ConfigResponse | undefined = options.config;
  /** The last token, and whom the page had named when its conversation was found. */
  let held: { token: string; identity: string | undefined } | undefined;
  /** An `init` was refused for want of it: from then on each brings it. */
  let owesWork = false;

  async function freshConfig(): Promise<ConfigResponse> {
    const known = unused;
    unused = undefined;
    const fresh = known && Date.parse(known.challengeExpiresAt) - Date.now() > CHALLENGE_MARGIN_MS;
    return fresh ? known : api.config(siteKey);
  }

  /**
   * The clock of a visitor may be wrong, so an unused challenge can turn out to be too old, and a site's troubles may have begun
   * since its config was read: one more try.
   */
  async function withChallenge<T>(call: (config: ConfigResponse) => Promise<T>): Promise<T> {
    try {
      return await call(await freshConfig());
    } catch (error) {
      if (!(error instanceof RefusedError) || !MENDABLE.test(error.code)) throw error;
      owesWork ||= error.code === 'pow_required';
      return call(await freshConfig());
    }
  }

  /** Whoever has a conversation already is asked for no work. */
  async function init(
    { challenge, proofOfWork }: ConfigResponse,
    conversationId: string | undefined,
  ): Promise<TokenResponse> {
    const works = owesWork || (proofOfWork.required && !conversationId);
    const proof = works ? { proofOfWork: await solve(challenge, proofOfWork) } : {};
    return api.init({ siteKey, challenge, conversationId, ...proof, ...options.describeVisitor() });
  }

  async function request(conversationId: string | undefined): Promise<TokenResponse> {
    const begin = () => withChallenge((config) => init(config, conversationId));
    const { identity } = options.describeVisitor();
    if (!held || !conversationId || held.identity !== identity) return begin();
    const { token } = held;
    try {
      return await withChallenge(({ challenge }) => api.token({ siteKey, challenge, conversationId }, token));
    } catch (error) {
      if (error instanceof RefusedError && UNVOUCHED.has(error.code)) return begin();
      throw error;
    }
  }

  return async () => {
    const known = memory.read();
    const { identity } = options.describeVisitor();
    let answer: TokenResponse;
    try {
      answer = await request(known);
    } catch (error) {
      if (!known || !(error instanceof RefusedError) || !GONE.has(error.code)) throw error;
      held = undefined;
      answer = await request(undefined);
    }
    held = { token: answer.token, identity };
    if (answer.conversationId !== known) memory.write(answer.conversationId);
    return answer;
  };
}
