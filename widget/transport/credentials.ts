import type { ConfigResponse, InitRequest, TokenResponse } from '../../contracts/webchat.ts';
import { RefusedError } from './errors.ts';
import type { HttpApi } from './httpApi.ts';

/** Leaves the request time to arrive before the challenge ends. */
const CHALLENGE_MARGIN_MS = 10_000;

export interface CredentialsOptions {
  api: HttpApi;
  siteKey: string;
  /** The config that drew the launcher; its challenge is used first. */
  config: ConfigResponse;
  /** Where the conversation's id outlives the page. */
  memory: { read(): string | undefined; write(conversationId: string | undefined): void };
  /** What an init says of the visitor, read when it is made. */
  describeVisitor(): Pick<InitRequest, 'visitorName' | 'externalSessionId' | 'source'>;
}

/**
 * Returns a function that gives a fresh token for each connect: `init` the first time, `token` from then on. A challenge is
 * good for one of them. A conversation that is gone (purged) is replaced by a new one.
 */
export function createCredentials(options: CredentialsOptions): () => Promise<TokenResponse> {
  const { api, siteKey, memory } = options;
  let unused: ConfigResponse | undefined = options.config;
  let initialised = false;

  async function challenge(): Promise<string> {
    const known = unused;
    unused = undefined;
    const fresh = known && Date.parse(known.challengeExpiresAt) - Date.now() > CHALLENGE_MARGIN_MS;
    return (fresh ? known : await api.config(siteKey)).challenge;
  }

  /** The clock of a visitor may be wrong, so an unused challenge can turn out to be too old: one more try. */
  async function withChallenge<T>(call: (challenge: string) => Promise<T>): Promise<T> {
    try {
      return await call(await challenge());
    } catch (error) {
      if (!(error instanceof RefusedError) || !error.code.startsWith('challenge_')) throw error;
      return call(await challenge());
    }
  }

  async function request(conversationId: string | undefined): Promise<TokenResponse> {
    if (initialised && conversationId) {
      return withChallenge((value) => api.token({ siteKey, challenge: value, conversationId }));
    }
    return withChallenge((value) =>
      api.init({ siteKey, challenge: value, conversationId, ...options.describeVisitor() }),
    );
  }

  return async () => {
    const known = memory.read();
    let answer: TokenResponse;
    try {
      answer = await request(known);
    } catch (error) {
      if (!known || !(error instanceof RefusedError) || error.code !== 'conversation_not_found') throw error;
      initialised = false;
      answer = await request(undefined);
    }
    initialised = true;
    if (answer.conversationId !== known) memory.write(answer.conversationId);
    return answer;
  };
}
