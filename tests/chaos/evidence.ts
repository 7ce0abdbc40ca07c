import type { EmulatorControl } from '../../dev/telegram/control/emulatorControl.ts';
import type { Evidence } from './judge.ts';
import type { Records } from './records.ts';
import { kindOf } from './scenario.ts';
import type { Visitor } from './visitor.ts';

/** What every part remembers of every conversation. `agentTexts` are those of each conversation, in the same order. */
export async function gatherEvidence(
  visitors: readonly Visitor[],
  agentTexts: readonly string[][],
  records: Records,
  control: EmulatorControl,
): Promise<Evidence[]> {
  return Promise.all(
    visitors.map(async (visitor, number) => {
      const threadId = await records.threadOf(visitor.conversationId);
      const recorded = await records.messagesOf(visitor.conversationId);
      return {
        kind: kindOf(number),
        sent: visitor.sent,
        acknowledged: visitor.acknowledged,
        agentTexts: agentTexts[number] ?? [],
        recorded: recorded.map(({ text }) => text),
        frames: visitor.shown.map(({ message }) => message.text),
        screen: visitor.screen.map(({ text }) => text),
        topic: threadId === undefined ? [] : await botTexts(control, threadId),
      };
    }),
  );
}

async function botTexts(control: EmulatorControl, threadId: number): Promise<string[]> {
  const listed = await control.listMessages({ threadId });
  return listed.flatMap(({ message }) => (message.from?.is_bot && message.text !== undefined ? [message.text] : []));
}
