import { sql } from 'drizzle-orm';
import type { TenantTx } from '../../withTenant.ts';
import { contentWords } from './contentWords.ts';
import { correctTerms } from './correctTerms.ts';

/** A stemmed word of the question. `weight` is larger the fewer documents hold it. */
export interface QuestionTerm {
  word: string;
  weight: number;
}

// A tsquery is made of the words by quoting alone.
const QUOTABLE = /^[^'\\]+$/;

/** The question's words as the search knows them, typing slips mended by what the knowledge base speaks of. */
export async function readTerms(tx: TenantTx, question: string, locale: string): Promise<QuestionTerm[]> {
  const { rows } = await tx.execute<{ word: string; holding: number; total: number }>(sql`
    WITH documents AS (SELECT search FROM knowledge_documents WHERE locale = ${locale}),
      asked AS (
        SELECT lexeme AS word
        FROM unnest(to_tsvector(knowledge_language(${locale}), knowledge_plain(${contentWords(question, locale)})))
      )
    SELECT word,
      (SELECT count(*)::int FROM documents WHERE tsvector_to_array(search) @> ARRAY[word]) AS holding,
      (SELECT count(*)::int FROM documents) AS total
    FROM asked`);
  const asked = rows.filter(({ word }) => QUOTABLE.test(word));
  const unknown = asked.filter(({ holding }) => holding === 0).map(({ word }) => word);
  const corrections = await correctTerms(tx, unknown, locale);
  const terms = asked.map(({ word, holding, total }) => ({
    word: corrections.get(word) ?? word,
    // Inverse document frequency. A word that no document holds weighs most: the question may well be about just that.
    weight: Math.log(1 + total / Math.max(holding, 0.5)),
  }));
  return [...new Map(terms.map((term) => [term.word, term])).values()];
}
