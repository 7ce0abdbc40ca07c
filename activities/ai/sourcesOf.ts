import type { AnswerSource } from '../../contracts/message.ts';
import type { KnowledgePassage } from '../../db/queries/knowledge/findPassages.ts';

/** The documents that the passages are from, each once, in order. */
export function sourcesOf(passages: KnowledgePassage[]): AnswerSource[] {
  const documents = new Map(passages.map((passage) => [passage.documentId, passage]));
  return [...documents.values()].map(({ title, url }) => ({ title, ...(url && { url }) }));
}
