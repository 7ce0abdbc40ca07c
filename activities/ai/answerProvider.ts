import type { AiAnswerInput } from '../../contracts/activities.ts';
import type { AnswerSource } from '../../contracts/message.ts';
import type { KnowledgePassage } from '../../db/queries/knowledge/findPassages.ts';

/** One earlier line of the conversation. `colleague` is a person of the team, `assistant` a flow or an earlier AI answer. */
export interface TranscriptLine {
  author: 'visitor' | 'assistant' | 'colleague';
  text: string;
}

export interface AnswerRequest {
  /** What the visitor wrote since anybody last answered. */
  question: string;
  /** What came before the question, oldest first. */
  transcript: TranscriptLine[];
  /** Best first; may be empty. */
  passages: KnowledgePassage[];
  /** BCP 47, e.g. `de-AT`. */
  locale?: string;
  /** As whom to answer, and how; the site's assistant without a name where there is none. */
  agent?: AiAnswerInput['agent'];
  signal: AbortSignal;
}

/** `unknown`: what was streamed so far, if anything, is to be thrown away and a person asked. */
export type AnswerOutcome = { kind: 'answer'; sources: AnswerSource[] } | { kind: 'unknown' };

/**
 * Answers a question from the passages it is handed. The generator yields the visible text piece by piece (their
 * concatenation is the answer) and returns the outcome. It throws `ApplicationFailure`s of aiFailure.ts, or the signal's
 * reason once the signal is aborted.
 */
export interface AnswerProvider {
  readonly name: string;
  answer(request: AnswerRequest): AsyncGenerator<string, AnswerOutcome, void>;
}
