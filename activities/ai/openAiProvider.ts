import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { extractReasoningMiddleware, type FinishReason, type LanguageModel, streamText, wrapLanguageModel } from 'ai';
import type { KnowledgePassage } from '../../db/queries/knowledge/findPassages.ts';
import { AI_FAILURE, aiFailure, toAiFailure } from './aiFailure.ts';
import { createMarkerReader } from './answerMarkers.ts';
import type { AnswerOutcome, AnswerProvider, AnswerRequest } from './answerProvider.ts';
import { buildPrompt } from './buildPrompt.ts';
import { sourcesOf } from './sourcesOf.ts';
import { watchForSilence } from './watchForSilence.ts';

// A support answer of some 500 words; endpoints that ignore it are cut off by the activity.
const MAX_OUTPUT_TOKENS = 800;
const DEFAULT_FIRST_PIECE_WITHIN_MS = 30_000;
const DEFAULT_NEXT_PIECE_WITHIN_MS = 15_000;

export interface OpenAiProviderOptions {
  /** Up to and without `/chat/completions`, e.g. `https://api.openai.com/v1`. */
  baseUrl: string;
  model: string;
  apiKey?: string;
  /** Silence that counts as a failure, in milliseconds: before the first piece, and between two. */
  firstPieceWithinMs?: number;
  nextPieceWithinMs?: number;
}

/** Answers with any endpoint that speaks OpenAI's chat completions, streamed. It never retries: Temporal does. */
export function createOpenAiProvider(options: OpenAiProviderOptions): AnswerProvider {
  const { baseUrl, model: modelId, apiKey } = options;
  const endpoint = createOpenAICompatible({ name: 'openai-compatible', baseURL: baseUrl, apiKey });
  // Open-weight models stream their thinking inside the text; a visitor must not see it.
  const middleware = extractReasoningMiddleware({ tagName: 'think' });
  const model = wrapLanguageModel({ model: endpoint(modelId), middleware });
  return { name: 'openai-compatible', answer: (request) => streamAnswer(model, options, request) };
}

async function* streamAnswer(
  model: LanguageModel,
  options: OpenAiProviderOptions,
  request: AnswerRequest,
): AsyncGenerator<string, AnswerOutcome, void> {
  const reader = createMarkerReader();
  const finish = yield* visibleText(streamPieces(model, options, request), reader.push);
  const { text, unknown, passages } = reader.end();
  if (unknown || finish.reason === 'content-filter') return { kind: 'unknown' };
  if (text) yield text;
  if (!text && !finish.shown) throw aiFailure(AI_FAILURE.invalidResponse, 'The AI provider sent an empty answer.');
  if (finish.reason === 'length') yield ' …';
  return { kind: 'answer', sources: sourcesOf(passagesOf(passages, request.passages)) };
}

/** Yields what `push` lets through; returns why the model stopped and whether anything was let through. */
async function* visibleText(
  pieces: AsyncGenerator<string, FinishReason, void>,
  push: (piece: string) => string,
): AsyncGenerator<string, { reason: FinishReason; shown: boolean }, void> {
  let shown = false;
  try {
    for (;;) {
      const next = await pieces.next();
      if (next.done) return { reason: next.value, shown };
      const text = push(next.value);
      if (!text) continue;
      shown = true;
      yield text;
    }
  } finally {
    // Whoever stops reading half-way must not leave the request running.
    await pieces.return('other');
  }
}

/** The model's raw output. Returns its finish reason; throws classified failures. */
async function* streamPieces(
  model: LanguageModel,
  {
    firstPieceWithinMs = DEFAULT_FIRST_PIECE_WITHIN_MS,
    nextPieceWithinMs = DEFAULT_NEXT_PIECE_WITHIN_MS,
  }: OpenAiProviderOptions,
  request: AnswerRequest,
): AsyncGenerator<string, FinishReason, void> {
  const abandoned = new AbortController();
  const watch = watchForSilence(AbortSignal.any([request.signal, abandoned.signal]), firstPieceWithinMs);
  try {
    const { fullStream } = streamText({
      model,
      ...buildPrompt(request),
      maxOutputTokens: MAX_OUTPUT_TOKENS,
      temperature: 0,
      maxRetries: 0,
      abortSignal: watch.signal,
      // The default prints the error, and with it the prompt; errors arrive as parts of the stream as well.
      onError: () => {},
    });
    for await (const part of fullStream) {
      if (part.type === 'error') throw part.error;
      if (part.type === 'finish') return part.finishReason;
      if (part.type === 'text-delta' || part.type === 'reasoning-delta') watch.heard(nextPieceWithinMs);
      if (part.type === 'text-delta') yield part.text;
    }
    throw aiFailure(AI_FAILURE.invalidResponse, 'The AI provider ended its answer without a finish.');
  } catch (error) {
    request.signal.throwIfAborted();
    if (watch.silent) throw aiFailure(AI_FAILURE.timedOut, 'The AI provider stayed silent for too long.');
    throw toAiFailure(error);
  } finally {
    watch.stop();
    abandoned.abort();
  }
}

/** Numbers that do not exist are ignored: models invent them. */
function passagesOf(numbers: number[], passages: KnowledgePassage[]): KnowledgePassage[] {
  return numbers.flatMap((number) => passages[number - 1] ?? []);
}
