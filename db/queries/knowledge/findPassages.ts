import { sql } from 'drizzle-orm';
import { knowledgeDocuments } from '../../schema/knowledgeDocuments.ts';
import type { TenantTx } from '../../withTenant.ts';
import { chooseLocale } from './chooseLocale.ts';
import { type QuestionTerm, readTerms } from './readTerms.ts';
import { splitPassages } from './splitPassages.ts';

/** A piece of a knowledge document, short enough to be quoted. */
export interface KnowledgePassage {
  documentId: string;
  title: string;
  url?: string;
  text: string;
  /** How much of the question the passage speaks of, 0..1: the matched words' share of the weight of all. */
  score: number;
  /** The question's words, stemmed, that the passage or its headings hold. */
  matched: QuestionTerm[];
}

export interface PassageSearch {
  question: string;
  /** The visitor's, BCP 47. Documents in the nearest locale there is are searched. */
  locale?: string;
  limit: number;
}

const MOST_DOCUMENTS = 12;

/**
 * The tenant's passages that speak of the question, best first. Documents are found by full text search with any of the
 * question's words, then split, so that a long document is quoted where it answers.
 */
export async function findPassages(tx: TenantTx, search: PassageSearch): Promise<KnowledgePassage[]> {
  const available = await tx.selectDistinct({ locale: knowledgeDocuments.locale }).from(knowledgeDocuments);
  const locale = chooseLocale(available.map((row) => row.locale).sort(), search.locale);
  if (locale === undefined) return [];
  const terms = await readTerms(tx, search.question, locale);
  if (terms.length === 0) return [];
  const candidates = (await findDocuments(tx, terms, locale)).flatMap(candidatesOf);
  const ranked = await rankCandidates(tx, candidates, terms, locale);
  return ranked.sort((a, b) => b.score - a.score || b.rank - a.rank).slice(0, search.limit);
}

interface Document {
  id: string;
  title: string;
  url: string | null;
  body: string;
}

interface Candidate extends Omit<KnowledgePassage, 'score' | 'matched'> {
  indexed: string;
}

interface Ranked extends KnowledgePassage {
  rank: number;
}

async function findDocuments(tx: TenantTx, terms: QuestionTerm[], locale: string): Promise<Document[]> {
  const query = anyOf(terms);
  return tx
    .select({
      id: knowledgeDocuments.id,
      title: knowledgeDocuments.title,
      url: knowledgeDocuments.url,
      body: knowledgeDocuments.body,
    })
    .from(knowledgeDocuments)
    .where(sql`${knowledgeDocuments.locale} = ${locale} AND ${knowledgeDocuments.search} @@ ${query}`)
    .orderBy(sql`ts_rank_cd(${knowledgeDocuments.search}, ${query}) DESC`, knowledgeDocuments.id)
    .limit(MOST_DOCUMENTS);
}

function candidatesOf({ id, title, url, body }: Document): Candidate[] {
  return splitPassages(body).map(({ heading = '', text }) => ({
    documentId: id,
    title,
    ...(url && { url }),
    text,
    indexed: [title, heading, text].join('\n'),
  }));
}

async function rankCandidates(
  tx: TenantTx,
  candidates: Candidate[],
  terms: QuestionTerm[],
  locale: string,
): Promise<Ranked[]> {
  const { rows } = await tx.execute<{ position: number; words: string[]; rank: number }>(sql`
    SELECT position::int, tsvector_to_array(vector) AS words, ts_rank_cd(vector, ${anyOf(terms)}) AS rank
    FROM unnest(${sql.param(candidates.map(({ indexed }) => indexed))}::text[]) WITH ORDINALITY AS passage (text, position),
      to_tsvector(knowledge_language(${locale}), knowledge_plain(passage.text)) AS vector`);
  return rows.flatMap(({ position, words, rank }) => {
    const candidate = candidates[position - 1];
    const matched = terms.filter(({ word }) => words.includes(word));
    if (!candidate || matched.length === 0) return [];
    const { indexed: _, ...passage } = candidate;
    return [{ ...passage, matched, score: weightOf(matched) / weightOf(terms), rank }];
  });
}

/** The words are stemmed already, hence the cast instead of to_tsquery. */
function anyOf(terms: QuestionTerm[]) {
  return sql`${terms.map(({ word }) => `'${word}'`).join(' | ')}::tsquery`;
}

function weightOf(terms: QuestionTerm[]): number {
  return terms.reduce((sum, { weight }) => sum + weight, 0);
}
