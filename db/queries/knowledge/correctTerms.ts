import { sql } from 'drizzle-orm';
import type { TenantTx } from '../../withTenant.ts';
import { typoDistance } from './typoDistance.ts';

const SHORTEST_CORRECTED = 4;
// Shorter words are forgiven one slip, longer ones two: "packag" must not become "pack".
const LONG_WORD = 8;
// Low on purpose: two swapped letters leave a short word one trigram. What passes is judged by its typing distance.
const LEAST_SIMILARITY = 0.1;

/**
 * Finds the words of the tenant's knowledge base that the given unknown ones (stemmed, as all here) were probably meant to
 * be. Words that are like nothing are left out of the result. Reads the whole vocabulary: 0.1 s for 1,000 documents of 300
 * words, and only for words that no document holds.
 */
export async function correctTerms(tx: TenantTx, unknown: string[], locale: string): Promise<Map<string, string>> {
  const terms = unknown.filter((term) => term.length >= SHORTEST_CORRECTED);
  if (terms.length === 0) return new Map();
  const { rows } = await tx.execute<{ term: string; word: string }>(sql`
    WITH vocabulary AS (
      SELECT DISTINCT unnest(tsvector_to_array(search)) AS word FROM knowledge_documents WHERE locale = ${locale}
    )
    SELECT term, word
    FROM unnest(${sql.param(terms)}::text[]) AS term
    JOIN vocabulary ON length(word) >= ${SHORTEST_CORRECTED} AND similarity(word, term) >= ${LEAST_SIMILARITY}
    ORDER BY similarity(word, term) DESC, word`);
  const corrections = new Map<string, string>();
  for (const { term, word } of rows) {
    const best = corrections.get(term);
    const distance = typoDistance(term, word);
    const limit = term.length < LONG_WORD ? 1 : 2;
    if (distance <= limit && (best === undefined || distance < typoDistance(term, best))) corrections.set(term, word);
  }
  return corrections;
}
