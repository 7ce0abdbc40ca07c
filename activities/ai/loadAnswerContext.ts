import type { AiAnswerInput } from '../../contracts/activities.ts';
import type { AuthorKind } from '../../contracts/message.ts';
import type { Db } from '../../db/createDb.ts';
import { findPassages, type KnowledgePassage } from '../../db/queries/knowledge/findPassages.ts';
import { type RecentMessage, readRecentMessages } from '../../db/queries/knowledge/readRecentMessages.ts';
import { withTenant } from '../../db/withTenant.ts';
import type { Words } from '../../db/words.ts';
import type { TranscriptLine } from './answerProvider.ts';

const TRANSCRIPT_MESSAGES = 20;
const MOST_PASSAGES = 6;

export interface AnswerContext {
  question: string;
  transcript: TranscriptLine[];
  passages: KnowledgePassage[];
}

/** What an answer is made from, read in one transaction that sees this tenant's rows only. */
export async function loadAnswerContext(
  { db, words }: { db: Db; words: Words },
  input: AiAnswerInput,
): Promise<AnswerContext> {
  const { tenantId, conversationId, upToSeq, locale } = input;
  await words.ready(tenantId);
  return withTenant(db, tenantId, async (tx) => {
    const recent = await readRecentMessages(tx, words, { conversationId, upToSeq, limit: TRANSCRIPT_MESSAGES });
    const { question, transcript } = splitAtQuestion(recent);
    const passages = question ? await findPassages(tx, { question, locale, limit: MOST_PASSAGES }) : [];
    return { question, transcript, passages };
  });
}

/**
 * The question is the visitor's last run of messages: people press Enter in the middle of a thought. What a flow said after
 * it ("let me look that up") is of no use to the answer.
 */
function splitAtQuestion(recent: RecentMessage[]): Pick<AnswerContext, 'question' | 'transcript'> {
  const end = recent.findLastIndex(isVisitors) + 1;
  const start = recent.slice(0, end).findLastIndex((message) => !isVisitors(message)) + 1;
  return {
    question: recent
      .slice(start, end)
      .map(({ text }) => text)
      .join('\n'),
    transcript: recent.slice(0, start).flatMap(toTranscriptLine),
  };
}

function isVisitors({ authorKind }: RecentMessage): boolean {
  return authorKind === 'visitor';
}

const TRANSCRIPT_AUTHOR: Record<AuthorKind, TranscriptLine['author'] | undefined> = {
  visitor: 'visitor',
  bot: 'assistant',
  ai: 'assistant',
  agent: 'colleague',
  system: undefined,
};

function toTranscriptLine({ authorKind, text }: RecentMessage): TranscriptLine[] {
  const author = TRANSCRIPT_AUTHOR[authorKind];
  // A message of files alone has no words.
  return author && text !== '' ? [{ author, text }] : [];
}
