import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeliverOutcome } from '../../contracts/activities.ts';
import type { ConversationInput } from '../../contracts/conversation.ts';
import { conversationWorkflowId } from '../../contracts/workflowId.ts';
import { Recorder, Recorders } from '../workflow/recorder.ts';
import { until } from '../workflow/until.ts';
import { conversationInput, startEngine, type TestEngine } from './startEngine.ts';

const agent = { id: 'telegram:7', name: 'Agent A' };
const recorders = new Recorders();
let engine: TestEngine;

beforeAll(async () => {
  engine = await startEngine({
    ...recorders,
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': 60 },
  });
});
afterAll(() => engine.stop());

function prepare(): { input: ConversationInput; recorder: Recorder } {
  const input = conversationInput();
  const recorder = new Recorder();
  recorders.add(input.conversationId, recorder);
  return { input, recorder };
}

/** Sent, told to wait, parked and failing, in turn: a run ends in the middle of each. */
function troubledDelivery({ deliveries }: Recorder): DeliverOutcome {
  switch (deliveries.length % 4) {
    case 0:
      return { kind: 'parked', reason: 'bot_kicked', retryMs: 200 };
    case 1:
      return { kind: 'wait', waitMs: 100, priority: 1 };
    case 2:
      return { kind: 'sent', settled: 1, more: false };
    default:
      throw new Error('The network is down');
  }
}

async function runsOf(input: ConversationInput): Promise<number> {
  const query = `WorkflowId = "${conversationWorkflowId(input)}"`;
  const { count } = await engine.client.workflow.count(query);
  return count;
}

test('hundreds of messages over many runs: none lost, none doubled, their order kept', async () => {
  const { input, recorder } = prepare();
  recorder.deliver = () => troubledDelivery(recorder);
  recorder.answer = async ({ draftId }) => {
    await sleep(50);
    return { kind: 'answer', text: `About ${draftId}`, sources: [] };
  };
  const sent = Array.from({ length: 300 }, (_, index) => ({
    clientMessageId: randomUUID(),
    text: index % 3 === 0 ? `Question ${index}` : `hours ${index}`,
    receivedAt: Date.now(),
  }));
  for (const [index, message] of sent.entries()) {
    await engine.engine.acceptVisitorMessage(input, message);
    // A client that missed the acknowledgement sends again, the last one or one of a run before.
    const again = sent[index % 5 === 0 ? index : Math.max(index - 100, 0)];
    if (index % 4 === 0 && again) await engine.engine.acceptVisitorMessage(input, again);
    if (index % 60 === 0) await rename(input, `Title ${index}`);
  }
  await until(() => recorder.messages.length >= 2 * sent.length, 'every message and every answer', 60_000);
  const inbound = recorder.messages.filter(({ direction }) => direction === 'INBOUND');
  const idsOf = (messages: { clientMessageId?: string }[]) => messages.map(({ clientMessageId }) => clientMessageId);
  expect(idsOf(inbound)).toEqual(idsOf(sent));
  const answeredByFlow = recorder.texts.filter((text) => text === 'bot: From 9 to 5.').length;
  const answeredByAi = recorder.texts.filter((text) => text.startsWith('ai: ')).length;
  // The first message gets the greeting, every other one its answer.
  expect(recorder.texts[1]).toBe('bot: Hello!');
  expect({ answeredByFlow, answeredByAi }).toEqual({ answeredByFlow: 200, answeredByAi: 99 });
  expect(new Set(recorder.questions.map(({ draftId }) => draftId)).size).toBe(99);
  expect(recorder.row?.title).toBe('Title 240');
  await until(async () => (await runsOf(input)) >= 5, 'several runs');
}, 120_000);

test('a delivery that waits and an answer in flight go along to the next run', async () => {
  const { input, recorder } = prepare();
  let asked = 0;
  recorder.deliver = () => ({ kind: 'wait', waitMs: 3_600_000, priority: 0 });
  recorder.answer = async () => {
    asked += 1;
    await sleep(1_500);
    return { kind: 'answer', text: 'At last', sources: [] };
  };
  const say = (text: string) =>
    engine.engine.acceptVisitorMessage(input, { clientMessageId: randomUUID(), text, receivedAt: Date.now() });
  await say('Hi');
  await say('A question that takes its time');
  await until(() => asked === 1, 'the question');
  for (let index = 0; index < 40; index++) await say(`hours ${index}`);
  await until(async () => (await runsOf(input)) >= 2, 'the next run', 30_000);
  await until(() => recorder.messages.length === 84, 'every answer', 30_000);
  expect(asked).toBe(1);
  expect(recorder.texts.filter((text) => text === 'ai: At last')).toHaveLength(1);
  // The run before was told to wait; the next one asks again, and the line knows its place.
  await until(() => recorder.deliveries.length >= 2, 'the delivery of the next run');
}, 120_000);

function rename(input: ConversationInput, title: string): Promise<unknown> {
  return engine.engine.command(input, { agent, command: { name: 'rename', title } });
}
