import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { AiAnswer } from '../../contracts/activities.ts';
import type { ConversationInput } from '../../contracts/conversation.ts';
import type { Activities } from './proxies.ts';
import type { ConversationState } from './state.ts';

export interface Answering {
  /** Starts, keeps or cancels the AI's work, so that it is what the state asks for. */
  follow(): void;
  /** No new answer is asked for; resolves when none is under way. What the state asks for then is for the next run. */
  hold(): Promise<void>;
}

/** Runs the AI answer that `state.answer` asks for; its outcome goes to the inbox. */
export function startAnswering(
  input: ConversationInput,
  state: ConversationState,
  { ai }: Pick<Activities, 'ai'>,
): Answering {
  let running: { draftId: string; scope: CancellationScope } | undefined;
  let held = false;

  async function answer(draftId: string, upToSeq: number): Promise<void> {
    const outcome = await ask(draftId, upToSeq);
    if (running?.draftId === draftId) running = undefined;
    if (outcome) state.inbox.push({ kind: 'aiFinished', draftId, answer: outcome });
  }

  async function ask(draftId: string, upToSeq: number): Promise<AiAnswer | { kind: 'failed' } | undefined> {
    const { tenantId, conversationId, source, setup } = input;
    try {
      return await ai.answerWithAi({
        tenantId,
        conversationId,
        siteId: setup.siteId,
        draftId,
        upToSeq,
        ...(source.locale === undefined ? {} : { locale: source.locale }),
        ...(setup.agent ? { agent: { name: setup.agent.name, instructions: setup.agent.instructions } } : {}),
      });
    } catch (error) {
      return isCancellation(error) ? undefined : { kind: 'failed' };
    }
  }

  return {
    follow() {
      const wanted = state.answer?.draftId;
      if (running && running.draftId !== wanted) {
        running.scope.cancel();
        running = undefined;
      }
      if (held || wanted === undefined || running) return;
      const scope = new CancellationScope();
      running = { draftId: wanted, scope };
      void scope.run(() => answer(wanted, state.lastSeq));
    },
    async hold() {
      held = true;
      await condition(() => running === undefined);
    },
  };
}
