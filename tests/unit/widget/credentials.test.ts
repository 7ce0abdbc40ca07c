import { expect, test } from 'vitest';
import type { ConfigResponse, InitRequest, TokenRequest, TokenResponse } from '../../../contracts/webchat.ts';
import { createCredentials } from '../../../widget/transport/credentials.ts';
import { RefusedError } from '../../../widget/transport/errors.ts';
import type { HttpApi } from '../../../widget/transport/httpApi.ts';

const MINUTE = 60_000;

function config(challenge: string, lifetime = MINUTE, required = false): ConfigResponse {
  return {
    siteKey: 'demo',
    look: { title: '', subtitle: '', welcome: '', accent: '#4f46e5', position: 'right', locale: 'en' },
    challenge,
    challengeExpiresAt: new Date(Date.now() + lifetime).toISOString(),
    proofOfWork: { algorithm: 'SHA-256', difficulty: 4, count: 2, required },
    limits: { messageLength: 8_000, frameBytes: 65_536, fileBytes: 1_000 },
  };
}

function createHarness(first: ConfigResponse, stored?: string) {
  const calls: string[] = [];
  const state = {
    stored,
    refuse: undefined as RefusedError | undefined,
    configs: 0,
    identity: undefined as string | undefined,
  };
  const answer = async (name: string, request: InitRequest | TokenRequest): Promise<TokenResponse> => {
    const { challenge, conversationId } = request;
    const work = 'proofOfWork' in request ? ` with ${request.proofOfWork?.length} numbers` : '';
    calls.push(`${name} ${challenge} ${conversationId ?? 'new'}${work}`);
    const refusal = state.refuse;
    state.refuse = undefined;
    if (refusal) throw refusal;
    return { conversationId: conversationId ?? 'made', token: `t${calls.length}`, expiresAt: '' };
  };
  const api: HttpApi = {
    config: async () => {
      state.configs += 1;
      return config(`fresh${state.configs}`);
    },
    init: (request) => answer('init', request),
    token: (request, lastToken) => answer(`token by ${lastToken}`, request),
    messages: async () => ({ messages: [], lastSeq: 0, hasMore: false, closed: null }),
  };
  const memory = {
    read: () => state.stored,
    write: (id: string | undefined) => {
      state.stored = id;
    },
  };
  const credentials = createCredentials({
    api,
    siteKey: 'demo',
    config: first,
    memory,
    describeVisitor: () => ({ identity: state.identity }),
  });
  return { credentials, calls, state };
}

test('init spends the first challenge; every later token a fresh one', async () => {
  const { credentials, calls, state } = createHarness(config('first'));
  await credentials();
  await credentials();
  await credentials();
  expect(calls).toEqual(['init first new', 'token by t1 fresh1 made', 'token by t2 fresh2 made']);
  expect(state.stored).toBe('made');
});

test('a challenge that is nearly over is not used', async () => {
  const { credentials, calls } = createHarness(config('first', 5_000), 'known');
  await credentials();
  expect(calls).toEqual(['init fresh1 known']);
});

test('a challenge that the server calls expired is replaced once', async () => {
  const { credentials, calls, state } = createHarness(config('first'), 'known');
  state.refuse = new RefusedError(401, 'challenge_expired');
  await credentials();
  expect(calls).toEqual(['init first known', 'init fresh1 known']);
});

test('a conversation that is gone is replaced by a new one', async () => {
  const { credentials, calls, state } = createHarness(config('first'), 'purged');
  state.refuse = new RefusedError(404, 'conversation_not_found');
  await credentials();
  expect(calls).toEqual(['init first purged', 'init fresh1 new']);
  expect(state.stored).toBe('made');
});

test('whom the page names anew, or whom the last token vouches for no more, begins again', async () => {
  const { credentials, calls, state } = createHarness(config('first'));
  await credentials();
  state.identity = 'a.b.c';
  await credentials();
  state.refuse = new RefusedError(401, 'identity_required');
  await credentials();
  expect(calls.slice(1)).toEqual(['init fresh1 made', 'token by t2 fresh2 made', 'init fresh3 made']);
});

test('any other refusal is passed on and forgets nothing', async () => {
  const { credentials, state } = createHarness(config('first'), 'known');
  state.refuse = new RefusedError(503, 'database_unavailable', 3);
  await expect(credentials()).rejects.toMatchObject({ code: 'database_unavailable', retryAfterSeconds: 3 });
  expect(state.stored).toBe('known');
});

test('a site under attack gets its work with the first init, and none from who has a conversation', async () => {
  const fresh = createHarness(config('first', MINUTE, true));
  await fresh.credentials();
  await fresh.credentials();
  expect(fresh.calls).toEqual(['init first new with 2 numbers', 'token by t1 fresh1 made']);
  const known = createHarness(config('first', MINUTE, true), 'known');
  await known.credentials();
  expect(known.calls).toEqual(['init first known']);
});

test('a site whose troubles began meanwhile gets its work on the second try', async () => {
  const { credentials, calls, state } = createHarness(config('first'));
  state.refuse = new RefusedError(403, 'pow_required');
  await credentials();
  expect(calls).toEqual(['init first new', 'init fresh1 new with 2 numbers']);
});
