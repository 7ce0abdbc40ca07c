import { Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import type { Hub } from '../../channels/web/hub.ts';
import type { AiActivities, AiAnswer, AiAnswerInput } from '../../contracts/activities.ts';
import { MAX_MESSAGE_LENGTH } from '../../contracts/message.ts';
import type { Db } from '../../db/createDb.ts';
import { DatabaseError } from '../../db/databaseError.ts';
import type { Words } from '../../db/words.ts';
import { whileHeartbeating } from '../whileHeartbeating.ts';
import { AI_FAILURE, aiFailure, toAiFailure } from './aiFailure.ts';
import type { AnswerOutcome, AnswerProvider } from './answerProvider.ts';
import { type AnswerContext, loadAnswerContext } from './loadAnswerContext.ts';
import { type Draft, publishDraft } from './publishDraft.ts';

// The SDK sends fewer than that to the server; cancellation is learnt of with the answer to one that was sent.
const HEARTBEAT_EVERY_MS = 1_000;

export interface AiDependencies {
  db: Db;
  words: Words;
  hub: Hub;
  provider: AnswerProvider;
  logger?: Pick<Logger, 'info' | 'warn'>;
}

/**
 * `answerWithAi` on AI_TASK_QUEUE. Wants a heartbeat timeout of some seconds. Fails with the types of aiFailure.ts; a draft
 * that was shown and is not returned as an answer is always taken back.
 */
export function createAiActivities({ db, words, hub, provider, logger }: AiDependencies): AiActivities {
  async function answerWithAi(input: AiAnswerInput): Promise<AiAnswer> {
    const { info, cancellationSignal: signal } = Context.current();
    const startedAt = Date.now();
    const trace = { tenantId: input.tenantId, draftId: input.draftId, provider: provider.name, attempt: info.attempt };
    const draft = publishDraft(hub, input, input.draftId, info.attempt > 1);
    try {
      const context = await loadContext({ db, words }, input);
      const outcome = await write(draft, { provider, context, input, signal });
      const { passages } = context;
      logger?.info(
        { ...trace, kind: outcome.kind, passages: passages.length, ms: Date.now() - startedAt },
        'AI answered',
      );
      if (outcome.kind === 'unknown') {
        await draft.discard();
        return outcome;
      }
      await draft.finish();
      return { ...outcome, text: draft.text };
    } catch (error) {
      await draft.discard();
      signal.throwIfAborted();
      const failure = toAiFailure(error);
      logger?.warn({ ...trace, type: failure.type, ms: Date.now() - startedAt }, failure.message);
      throw failure;
    }
  }

  return { answerWithAi: (input) => whileHeartbeating(HEARTBEAT_EVERY_MS, () => answerWithAi(input)) };
}

async function loadContext(from: { db: Db; words: Words }, input: AiAnswerInput): Promise<AnswerContext> {
  try {
    return await loadAnswerContext(from, input);
  } catch (error) {
    // The words of any other error may quote the visitor's.
    const reason =
      error instanceof DatabaseError ? error.message : 'The transcript or the knowledge base is not readable';
    throw aiFailure(AI_FAILURE.contextUnavailable, reason);
  }
}

interface Writing {
  provider: AnswerProvider;
  context: AnswerContext;
  input: Pick<AiAnswerInput, 'locale' | 'agent'>;
  signal: AbortSignal;
}

async function write(
  draft: Draft,
  { provider, context, input: { locale, agent }, signal }: Writing,
): Promise<AnswerOutcome> {
  if (!context.question) return { kind: 'unknown' };
  const pieces = provider.answer({ ...context, locale, agent, signal });
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = await pieces.next();
      if (next.done) return next.value;
      draft.append(next.value);
      if (draft.text.length > MAX_MESSAGE_LENGTH) {
        throw aiFailure(AI_FAILURE.invalidResponse, 'The AI provider does not come to an end.', { nonRetryable: true });
      }
    }
  } finally {
    await pieces.return({ kind: 'unknown' });
  }
}
