import type { AnswerProvider } from './answerProvider.ts';
import { createLocalProvider } from './localProvider.ts';
import { createOpenAiProvider } from './openAiProvider.ts';

/** Takes the configured endpoint (AI_BASE_URL, AI_MODEL, AI_API_KEY), or the keyless local answerer without one. */
export function createAnswerProvider(config: { baseUrl?: string; model: string; apiKey?: string }): AnswerProvider {
  const { baseUrl, model, apiKey } = config;
  return baseUrl ? createOpenAiProvider({ baseUrl, model, apiKey }) : createLocalProvider();
}
