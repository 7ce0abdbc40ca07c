import type { KnowledgePassage } from '../../db/queries/knowledge/findPassages.ts';
import type { AnswerOutcome, AnswerProvider, AnswerRequest } from './answerProvider.ts';
import { sourcesOf } from './sourcesOf.ts';

// Tried on the demo knowledge base: questions that it answers reach 0.53 to 1, others stay at 0.43 and below.
const LEAST_SCORE = 0.5;
// A second passage is quoted only for a good part of the question that the first says nothing about.
const LEAST_GAIN = 0.25;
const MOST_QUOTED = 2;
const PIECE_LENGTH = 60;

/**
 * Answers without any model or key: quotes the passages that speak of most of the question, word for word, and names their
 * documents. Where they speak of too little of it, the honest answer is that it does not know.
 */
export function createLocalProvider(): AnswerProvider {
  return { name: 'local', answer };
}

async function* answer({ passages, signal }: AnswerRequest): AsyncGenerator<string, AnswerOutcome, void> {
  const quoted = choosePassages(passages);
  if (quoted.length === 0) return { kind: 'unknown' };
  for (const piece of inPieces(quoted.map(({ text }) => text).join('\n\n'))) {
    signal.throwIfAborted();
    yield piece;
  }
  return { kind: 'answer', sources: sourcesOf(quoted) };
}

/** `passages` come best first. Two that each answer a half are as good as one that answers all. */
function choosePassages(passages: KnowledgePassage[]): KnowledgePassage[] {
  const chosen: KnowledgePassage[] = [];
  const covered = new Set<string>();
  let score = 0;
  for (const passage of passages) {
    const fresh = passage.matched.filter(({ word }) => !covered.has(word));
    const gain = passage.score * (weightOf(fresh) / weightOf(passage.matched));
    if (chosen.length === MOST_QUOTED) break;
    if (chosen.length > 0 && gain < LEAST_GAIN) continue;
    chosen.push(passage);
    score += gain;
    for (const { word } of fresh) covered.add(word);
  }
  return score >= LEAST_SCORE ? chosen : [];
}

function weightOf(words: { weight: number }[]): number {
  return words.reduce((sum, { weight }) => sum + weight, 0);
}

/** Cut between words, so that what streams can be read. The pieces' concatenation is the text. */
function inPieces(text: string): string[] {
  return text.match(new RegExp(`[^]{1,${PIECE_LENGTH}}(?=\\s|$)|[^]{1,${PIECE_LENGTH}}`, 'g')) ?? [];
}
