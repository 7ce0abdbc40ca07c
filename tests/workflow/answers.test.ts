import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AiAnswer } from '../../contracts/activities.ts';
import { flowDefinitionSchema } from '../../contracts/flow.ts';
import { agentMessageSignal, statusQuery } from '../../workflows/conversation/messages.ts';
import { type Harness, startHarness } from './conversationHarness.ts';
import { agent, copy, MINUTE } from './fixtures.ts';
import { Recorder } from './recorder.ts';
import { until } from './until.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

const answer = (text: string): AiAnswer => ({ kind: 'answer', text, sources: [] });

function handOvers(recorder: Recorder): unknown[] {
  return recorder.events.filter(({ name }) => name === 'conversation.handed_over').map(({ data }) => data['reason']);
}

test('an answer keeps its sources and takes the id under which it was streamed', async () => {
  const recorder = new Recorder();
  const sources = [{ title: 'Returns', url: 'https://shop.example/returns' }];
  recorder.answer = () => ({ kind: 'answer', text: 'Within 30 days.', sources });
  await harness.withConversation({ recorder, flow: null, first: 'May I return it?' }, async () => {
    await until(() => recorder.messages.length === 2, 'answer');
    const [question] = recorder.questions;
    expect(question?.upToSeq).toBe(1);
    expect(recorder.messages[1]).toMatchObject({ id: question?.draftId, author: { kind: 'ai' }, sources });
  });
});

test('an unknown answer hands over once, with honest words', async () => {
  await harness.withConversation({ flow: null, first: 'What is love?' }, async ({ recorder, say }) => {
    await until(() => recorder.eventNames.includes('conversation.handed_over'), 'hand-over');
    await say('Hello?');
    await until(() => recorder.messages.length === 3, 'the second message');
    expect(recorder.texts).toEqual(['visitor: What is love?', `bot: ${copy.fallback}`, 'visitor: Hello?']);
    expect(handOvers(recorder)).toEqual(['AI does not know']);
    expect(recorder.questions).toHaveLength(1);
  });
});

test('AI that fails is asked three times, then a person', async () => {
  const recorder = new Recorder();
  recorder.answer = () => {
    throw new Error('The model is overloaded');
  };
  await harness.withConversation({ recorder, flow: null, first: 'What now?' }, async () => {
    await until(() => recorder.questions.length === 1, 'the first try');
    await harness.env.sleep(MINUTE);
    await until(() => handOvers(recorder).length === 1, 'hand-over');
    expect(recorder.questions).toHaveLength(3);
    expect(new Set(recorder.questions.map(({ draftId }) => draftId)).size).toBe(1);
    expect(recorder.texts).toEqual(['visitor: What now?', `bot: ${copy.fallback}`]);
    expect(handOvers(recorder)).toEqual(['AI is not available']);
  });
});

test('without AI, what the flow does not know goes to a person', async () => {
  await harness.withConversation({ flow: null, settings: { aiEnabled: false } }, async ({ recorder }) => {
    await until(() => handOvers(recorder).length === 1, 'hand-over');
    expect(recorder.questions).toEqual([]);
    expect(recorder.texts).toEqual(['visitor: Hi', `bot: ${copy.fallback}`]);
  });
});

test('an answer that comes after a person claimed is not heard, and its draft disappears', async () => {
  const recorder = new Recorder();
  const { opened, open } = recorder.gate();
  let answered = false;
  recorder.answer = async () => {
    await opened;
    answered = true;
    return answer('Too late');
  };
  await harness.withConversation({ recorder, flow: null, first: 'Where is it?' }, async ({ handle, say }) => {
    await until(() => recorder.questions.length === 1, 'the question to AI');
    await say('Please answer');
    await handle.signal(agentMessageSignal, { key: 'tg:1:1', agent, text: 'On its way' });
    await until(() => recorder.texts.includes('agent: On its way'), 'the person');
    expect(recorder.frames).toContainEqual({ type: 'message_discard', draftId: recorder.questions[0]?.draftId });
    // The test server loses a task that cancels an activity which has just ended (temporalio/sdk-java#3088).
    await harness.decided(handle);
    open();
    await until(() => answered, 'the late answer');
    await harness.atRest(handle);
    await say('Thanks');
    await until(() => recorder.texts.includes('visitor: Thanks'), 'the last message');
    expect(recorder.texts).toEqual([
      ...['visitor: Where is it?', 'visitor: Please answer', 'agent: On its way', 'visitor: Thanks'],
    ]);
    expect(recorder.questions).toHaveLength(1);
  });
});

test('questions that come while AI answers are answered after it, in their order', async () => {
  const recorder = new Recorder();
  const { opened, open } = recorder.gate();
  recorder.answer = async ({ upToSeq }) => {
    await opened;
    return answer(`Answer to ${upToSeq}`);
  };
  await harness.withConversation({ recorder, flow: null, first: 'One?' }, async ({ handle, say }) => {
    await until(() => recorder.questions.length === 1, 'the first question');
    await say('Two?');
    await say('Three?');
    await until(() => recorder.messages.length === 3, 'all questions');
    expect((await handle.query(statusQuery)).waitingFor).toBe('the AI answer');
    open();
    await until(() => recorder.messages.length === 6, 'all answers');
    expect(recorder.texts).toEqual([
      ...['visitor: One?', 'visitor: Two?', 'visitor: Three?'],
      ...['ai: Answer to 1', 'ai: Answer to 4', 'ai: Answer to 5'],
    ]);
  });
});

test('a flow and AI that pass the conversation to and fro end with a person', async () => {
  const recorder = new Recorder();
  recorder.answer = () => answer('Again');
  const flow = flowDefinitionSchema.parse({
    language: 1,
    name: 'Circle',
    triggers: [{ on: 'first_message', start: 'ask' }],
    steps: { ask: { type: 'ai', next: 'ask' } },
  });
  await harness.withConversation({ recorder, flow, settings: { maxBotTurns: 4 } }, async () => {
    await until(() => handOvers(recorder).length === 1, 'hand-over');
    expect(recorder.texts).toEqual(['visitor: Hi', ...Array(4).fill('ai: Again'), `bot: ${copy.handover}`]);
    expect(handOvers(recorder)).toEqual(['too many bot turns']);
  });
});

test('a flow that waits in a circle ends with a person', async () => {
  const flow = flowDefinitionSchema.parse({
    language: 1,
    name: 'Nagging',
    triggers: [{ on: 'first_message', start: 'wait' }],
    steps: { wait: { type: 'wait', seconds: 60, next: 'nag' }, nag: { type: 'message', text: 'Well?', next: 'wait' } },
  });
  await harness.withConversation({ flow, settings: { maxBotTurns: 2 } }, async ({ recorder }) => {
    await until(() => recorder.messages.length === 1, 'start');
    await harness.env.sleep(10 * MINUTE);
    await until(() => handOvers(recorder).length === 1, 'hand-over');
    expect(recorder.texts.filter((text) => text === 'bot: Well?')).toHaveLength(3);
  });
});

test('a welcome of many messages and waits is told to its end', async () => {
  const parts = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const flow = flowDefinitionSchema.parse({
    language: 1,
    name: 'Long welcome',
    triggers: [{ on: 'first_message', start: 'part1' }],
    steps: Object.fromEntries(
      parts.flatMap((part) => [
        [`part${part}`, { type: 'message', text: `Part ${part}`, next: part < 9 ? `wait${part}` : undefined }],
        [`wait${part}`, { type: 'wait', seconds: 2, next: `part${part + 1}` }],
      ]),
    ),
  });
  await harness.withConversation({ flow, settings: { maxBotTurns: 1 } }, async ({ recorder }) => {
    await until(() => recorder.messages.length === 2, 'start');
    await harness.env.sleep(MINUTE);
    await until(() => recorder.messages.length === 10, 'the whole welcome');
    expect(handOvers(recorder)).toEqual([]);
  });
});

test('an AI step of the flow without an answer goes where it says, else to a person with honest words', async () => {
  const flow = flowDefinitionSchema.parse({
    language: 1,
    name: 'Questions',
    triggers: [{ on: 'first_message', start: 'ask' }],
    steps: {
      ask: { type: 'ai', otherwise: 'sorry' },
      sorry: { type: 'message', text: 'Let me look deeper.', next: 'askAgain' },
      askAgain: { type: 'ai' },
    },
  });
  await harness.withConversation({ flow, first: 'Why?' }, async ({ recorder }) => {
    await until(() => handOvers(recorder).length === 1, 'hand-over');
    expect(recorder.texts).toEqual(['visitor: Why?', 'bot: Let me look deeper.', `bot: ${copy.fallback}`]);
    expect(recorder.questions).toHaveLength(2);
  });
});
