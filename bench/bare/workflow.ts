import { condition, defineSignal, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { VisitorMessageSignal } from '../../contracts/conversation.ts';

export interface BareActivities {
  /** Does nothing with the messages of these ids. */
  nothing(clientMessageIds: string[]): Promise<void>;
}

export const bareSignal = defineSignal<[VisitorMessageSignal]>('visitorMessage');

const { nothing } = proxyLocalActivities<BareActivities>({ startToCloseTimeout: '10s' });

/** What Temporal costs by itself: the signal of a conversation and one local activity, with nothing around them. */
export async function bareConversation(): Promise<void> {
  const inbox: string[] = [];
  setHandler(bareSignal, ({ clientMessageId }) => void inbox.push(clientMessageId));
  for (;;) {
    await condition(() => inbox.length > 0);
    await nothing(inbox.splice(0));
  }
}
