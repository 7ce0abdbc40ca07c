import { CancelledFailure } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { createOpenAiProvider } from '../../activities/ai/openAiProvider.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import type { FakeBehaviour } from '../../dev/ai/fakeCompletion.ts';
import { type FakeAi, startFakeAi } from '../../dev/ai/startFakeAi.ts';
import { type Answering, shownText, startAnswering } from './fixtures/answering.ts';
import { createTenant, type TestTenant } from './fixtures/createTenant.ts';

const QUESTION = 'How much is the zanzibar tariff?';
const SECRETS = /zanzibar|fake-key|42 EUR/i;

describe('answers of an OpenAI-compatible endpoint', () => {
  let db: Db;
  let tenant: TestTenant;
  let fake: FakeAi;

  beforeAll(async () => {
    db = createDb(inject('servers').appUrl, { poolSize: 4 });
    tenant = await createTenant(db, [
      { title: 'Zanzibar tariff', locale: 'en', body: 'The zanzibar tariff is 42 EUR a month.' },
      { title: 'Other tariffs', locale: 'en', body: 'Every other tariff is 10 EUR a month.' },
    ]);
  });

  beforeEach(async () => {
    fake = await startFakeAi();
    return () => fake.close();
  });

  afterAll(() => db.close());

  function ask(
    behaviour: FakeBehaviour,
    options: { apiKey?: string; attempt?: number; baseUrl?: string } = {},
  ): Promise<Answering> {
    fake.next(behaviour);
    const { apiKey = fake.apiKey, baseUrl = fake.baseUrl, attempt } = options;
    const silence = { firstPieceWithinMs: 400, nextPieceWithinMs: 200 };
    const provider = createOpenAiProvider({ baseUrl, model: 'test-model', apiKey, ...silence });
    return startAnswering({ db, tenant, provider }, [['visitor', QUESTION]], { attempt });
  }

  async function failureOf({ result }: Answering): Promise<ApplicationFailure> {
    const error = await result.catch((reason: unknown) => reason);
    if (!(error instanceof ApplicationFailure)) throw new Error('Not an ApplicationFailure', { cause: error });
    return error;
  }

  it('streams the answer, names the sources and never shows the marker', async () => {
    const pieces = ['The ', 'tariff ', 'is 42 EUR', '.', '\n[[', 'SOUR', 'CES: 1, 1, 9]', ']'];
    const answering = await ask({ kind: 'answer', pieces, delayMs: 30 });
    expect(await answering.result).toEqual({
      kind: 'answer',
      text: 'The tariff is 42 EUR.',
      sources: [{ title: 'Zanzibar tariff' }],
    });
    const { frames, draftId } = answering;
    expect(frames[0]).toEqual({ type: 'typing', active: true, author: 'ai' });
    expect(frames.at(-1)).toEqual({ type: 'typing', active: false, author: 'ai' });
    expect(frames.filter(({ type }) => type === 'message_delta').length).toBeGreaterThan(1);
    expect(frames.filter(({ type }) => type === 'message_discard')).toEqual([]);
    expect(shownText(frames, draftId)).toBe('The tariff is 42 EUR.');
  });

  it('gathers tokens into few frames', async () => {
    const pieces = Array.from({ length: 400 }, (_, index) => `w${index} `);
    const answering = await ask({ kind: 'answer', pieces });
    const answer = await answering.result;
    expect(answer).toMatchObject({ text: pieces.join('').trim() });
    expect(answering.frames.length).toBeLessThan(40);
    expect(shownText(answering.frames, answering.draftId)).toBe(pieces.join('').trim());
  });

  it('asks with the passages, the conversation so far and nothing after the question', async () => {
    const provider = createOpenAiProvider({ baseUrl: fake.baseUrl, model: 'test-model', apiKey: fake.apiKey });
    const { result } = await startAnswering(
      { db, tenant, provider },
      [
        ['visitor', 'Hello'],
        ['bot', 'Hi, what is it about?'],
        ['agent', 'I can help, too'],
        ['visitor', 'The zanzibar tariff.'],
        ['visitor', 'How much is it?'],
        ['bot', 'Let me look that up'],
        ['visitor', 'This came later'],
      ],
      { upToSeq: 6, locale: 'de' },
    );
    await result;
    const [body] = fake.requests;
    expect(body).toMatchObject({ model: 'test-model', stream: true });
    expect(body?.messages[0]?.content).toContain('Passage 1, from "Zanzibar tariff":\nThe zanzibar tariff is 42 EUR');
    expect(body?.messages.slice(1)).toEqual([
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Hi, what is it about?' },
      { role: 'assistant', content: '(A colleague wrote:) I can help, too' },
      { role: 'user', content: 'The zanzibar tariff.\nHow much is it?' },
    ]);
  });

  it.each([
    ['at once', ['[[UNK', 'NOWN]]'], 0],
    ['without brackets', ['UN', 'KNOWN'], 0],
    ['after some text, which is taken back', ['Well, ', 'I think [[UNKNOWN]]'], 1],
  ])('says that it does not know, %s', async (_, pieces, discards) => {
    const { frames, result, draftId } = await ask({ kind: 'answer', pieces, delayMs: 60 });
    expect(await result).toEqual({ kind: 'unknown' });
    expect(shownText(frames, draftId)).toBe('');
    expect(JSON.stringify(frames)).not.toMatch(/\[\[|UNKNOWN/);
    expect(frames.filter(({ type }) => type === 'message_discard')).toHaveLength(discards);
  });

  it('takes a filtered answer for no answer, and marks one that was cut off', async () => {
    const filtered = await ask({ kind: 'answer', pieces: ['I'], finishReason: 'content_filter' });
    expect(await filtered.result).toEqual({ kind: 'unknown' });
    const cut = await ask({ kind: 'answer', pieces: ['It is 42'], finishReason: 'length' });
    expect(await cut.result).toMatchObject({ text: 'It is 42 …' });
    expect(shownText(cut.frames, cut.draftId)).toBe('It is 42 …');
  });

  it('keeps the thinking of a model to itself', async () => {
    const pieces = ['<thi', 'nk>The user wants', ' a price</think>', 'It is ', '42 EUR.'];
    const { result, frames } = await ask({ kind: 'answer', pieces, delayMs: 50 });
    expect(await result).toMatchObject({ text: 'It is 42 EUR.' });
    expect(JSON.stringify(frames)).not.toContain('wants');
  });

  it.each<[string, FakeBehaviour, Partial<ApplicationFailure>]>([
    ['400', { kind: 'error', status: 400 }, { type: 'AiRefused', nonRetryable: true }],
    ['403', { kind: 'error', status: 403 }, { type: 'AiRefused', nonRetryable: true }],
    ['404', { kind: 'error', status: 404 }, { type: 'AiRefused', nonRetryable: true }],
    [
      '429 with retry-after',
      { kind: 'error', status: 429, retryAfter: '7' },
      { type: 'AiRateLimited', nonRetryable: false, nextRetryDelay: 7_000 },
    ],
    [
      '429 with far too long a delay',
      { kind: 'error', status: 429, retryAfter: '86400' },
      { type: 'AiRateLimited', nonRetryable: false, nextRetryDelay: 300_000 },
    ],
    ['429 without', { kind: 'error', status: 429 }, { type: 'AiRateLimited', nonRetryable: false }],
    [
      '429 for an empty account',
      { kind: 'error', status: 429, code: 'insufficient_quota', type: 'insufficient_quota' },
      { type: 'AiRefused', nonRetryable: true },
    ],
    ['500', { kind: 'error', status: 500 }, { type: 'AiUnavailable', nonRetryable: false }],
    ['503', { kind: 'error', status: 503 }, { type: 'AiUnavailable', nonRetryable: false }],
    ['no answer', { kind: 'hang' }, { type: 'AiTimedOut', nonRetryable: false }],
    ['a stall', { kind: 'answer', pieces: ['It is '], breaks: 'stall' }, { type: 'AiTimedOut', nonRetryable: false }],
    [
      'a broken connection',
      { kind: 'answer', pieces: ['It is '], breaks: 'disconnect' },
      { type: 'AiUnreachable', nonRetryable: false },
    ],
    [
      'an error in the stream',
      { kind: 'answer', pieces: ['It is '], breaks: 'error_chunk' },
      { type: 'AiUnavailable', nonRetryable: false },
    ],
    [
      'a stream without finish',
      { kind: 'answer', pieces: ['It is '], breaks: 'no_finish' },
      { type: 'AiInvalidResponse', nonRetryable: false },
    ],
    [
      'garbage',
      { kind: 'answer', pieces: ['It is '], breaks: 'garbage' },
      { type: 'AiInvalidResponse', nonRetryable: false },
    ],
    ['an empty answer', { kind: 'answer', pieces: [] }, { type: 'AiInvalidResponse', nonRetryable: false }],
    [
      'an endless answer',
      { kind: 'answer', pieces: Array.from({ length: 20 }, () => 'no end '.repeat(100)) },
      { type: 'AiInvalidResponse', nonRetryable: true },
    ],
  ])('fails after %s, takes back what it showed and quotes nothing', async (_, behaviour, expected) => {
    const printed = vi.spyOn(console, 'error');
    const answering = await ask(
      behaviour.kind === 'error' ? { message: `We refuse: ${QUESTION} fake-key`, ...behaviour } : behaviour,
    );
    const failure = await failureOf(answering);
    expect(failure).toMatchObject(expected);
    expect(failure.cause).toBeUndefined();
    expect(`${failure.message} ${failure.stack} ${JSON.stringify(failure.details)}`).not.toMatch(SECRETS);
    expect(JSON.stringify(answering.logged)).not.toMatch(SECRETS);
    expect(printed).not.toHaveBeenCalled();
    expect(shownText(answering.frames, answering.draftId)).toBe('');
    expect(answering.frames.at(-1)).toEqual({ type: 'typing', active: false, author: 'ai' });
    // The SDK must not have tried again on its own.
    expect(fake.requests).toHaveLength(1);
  });

  it('fails for good with a wrong key, and may try again when nobody listens', async () => {
    const wrongKey = await failureOf(await ask({ kind: 'hang' }, { apiKey: 'sk-wrong' }));
    expect(wrongKey).toMatchObject({ type: 'AiRefused', nonRetryable: true });
    expect(`${wrongKey.message} ${wrongKey.stack}`).not.toContain('sk-wrong');
    const nobody = await failureOf(await ask({ kind: 'hang' }, { baseUrl: 'http://127.0.0.1:9/v1' }));
    expect(nobody).toMatchObject({ type: 'AiUnreachable', nonRetryable: false });
  });

  it('has an earlier attempt forgotten before it shows its own', async () => {
    const { frames, result, draftId } = await ask({ kind: 'answer', pieces: ['It is 42.'] }, { attempt: 2 });
    await result;
    expect(frames[0]).toEqual({ type: 'message_discard', draftId });
    expect(shownText(frames, draftId)).toBe('It is 42.');
  });

  it('stops asking, and takes back what it showed, when it is cancelled', async () => {
    const pieces = Array.from({ length: 200 }, () => 'word ');
    const answering = await ask({ kind: 'answer', pieces, delayMs: 50 });
    const { environment, frames, result, draftId } = answering;
    await vi.waitFor(() => expect(shownText(frames, draftId)).not.toBe(''), { timeout: 5_000 });
    environment.cancel();
    await expect(result).rejects.toBeInstanceOf(CancelledFailure);
    expect(shownText(frames, draftId)).toBe('');
    await vi.waitFor(() => expect(fake.abandoned).toBe(1), { timeout: 5_000 });
  });

  it('heartbeats although the model is silent', async () => {
    const provider = createOpenAiProvider({ baseUrl: fake.baseUrl, model: 'm', apiKey: fake.apiKey });
    fake.next({ kind: 'answer', pieces: ['Late.'], delayMs: 500 });
    const { environment, result } = await startAnswering({ db, tenant, provider }, [['visitor', QUESTION]]);
    const beats = vi.fn<() => void>();
    environment.on('heartbeat', beats);
    await result;
    expect(beats).toHaveBeenCalled();
  });

  it('shows exactly the text that it returns, however the model cuts it', async () => {
    const piece = fc.constantFrom('It', ' is', ' ', '\n', '[', '42', ' EUR', '[[SOURCES: 2]]', '[[', '😀', '.');
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 30 }), async (pieces) => {
        const { frames, result, draftId } = await ask({ kind: 'answer', pieces: ['Well: ', ...pieces] });
        const answer = await result;
        if (answer.kind !== 'answer') throw new Error('An answer was expected');
        expect(shownText(frames, draftId)).toBe(answer.text);
        expect(answer.text).not.toMatch(/\[\[\s*SOURCE/i);
      }),
      { numRuns: 40 },
    );
  });
});
