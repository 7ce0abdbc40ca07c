import type { AiAnswer } from '../../contracts/activities.ts';
import { armIdle, handOver } from './lifecycle.ts';
import { advanceFlow, route } from './routing.ts';
import { authorOf, type Context, say } from './turn.ts';

/** The AI has answered, does not know, or failed after its retries. An answer that nobody waits for any more is dropped. */
export function onAnswer(context: Context, draftId: string, answer: AiAnswer | { kind: 'failed' }): void {
  const { state, input } = context;
  const pending = state.answer;
  if (pending?.draftId !== draftId) return;
  state.answer = null;
  state.botTurns += 1;
  if (answer.kind === 'answer') {
    const { text, sources } = answer;
    say(context, `${pending.cause}/ai`, { id: draftId, author: authorOf(input, 'ai'), text, sources });
    armIdle(context, pending.cause);
  }
  if (pending.forFlow) {
    advanceFlow(context, `${pending.cause}/flow`, { kind: 'aiFinished', answered: answer.kind === 'answer' });
  } else if (answer.kind !== 'answer') {
    const { copy } = input.setup.settings;
    const reason = answer.kind === 'failed' ? 'AI is not available' : 'AI does not know';
    handOver(context, pending.cause, reason, copy.fallback);
  }
  routeQuestions(context);
}

/** Routes what came while the answer was in flight, until the next answer is asked for or a person owns the conversation. */
function routeQuestions(context: Context): void {
  const { state } = context;
  while (state.questions.length > 0 && !state.answer && state.owner !== 'human') {
    const question = state.questions.shift();
    if (!question) return;
    route(context, question);
  }
  if (state.owner === 'human') state.questions = [];
}
