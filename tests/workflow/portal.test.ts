import { randomUUID } from 'node:crypto';
import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AiAnswer } from '../../contracts/activities.ts';
import type { AiPersona, ConversationInput } from '../../contracts/conversation.ts';
import { commandUpdates, resetUpdate, statusQuery } from '../../workflows/conversation/messages.ts';
import { type Harness, startHarness } from './conversationHarness.ts';
import { copy, DAY, agent as person } from './fixtures.ts';
import { Recorder } from './recorder.ts';
import { until } from './until.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

const ada: AiPersona = {
  id: randomUUID(),
  name: 'Ada',
  instructions: 'Answer in one sentence.',
  greeting: 'Hello, I am Ada.',
};
const alone = { topicPolicy: 'never', idleReminderSeconds: null, idleCloseSeconds: 30 * 24 * 3_600 } as const;
const inPortal = { agent: ada, flow: null, settings: alone } as const;

const answer = (text: string): AiAnswer => ({ kind: 'answer', text, sources: [] });

/** Always the current run. */
const latest = ({ workflowId }: { workflowId: string }) => harness.client.workflow.getHandle(workflowId);

function reset(handle: WorkflowHandle, { setup }: ConversationInput): Promise<void> {
  return latest(handle).executeUpdate(resetUpdate, { args: [{ setup }] });
}

test('the agent greets, answers by its own instructions, and speaks under its own name', async () => {
  const recorder = new Recorder();
  recorder.answer = () => answer('At nine.');
  await harness.withConversation({ ...inPortal, recorder, first: 'When do you open?' }, async ({ say }) => {
    await until(() => recorder.messages.length === 3, 'answer');
    expect(recorder.texts).toEqual(['bot: Hello, I am Ada.', 'visitor: When do you open?', 'ai: At nine.']);
    expect(recorder.messages[0]?.author).toEqual({ kind: 'bot', name: 'Ada' });
    expect(recorder.messages[2]?.author).toEqual({ kind: 'ai', name: 'Ada' });
    expect(recorder.questions[0]).toMatchObject({
      siteId: null,
      agent: { name: 'Ada', instructions: ada.instructions },
    });
    expect(recorder.row).toMatchObject({ channel: 'portal', siteId: null, owner: 'ai' });
    await say('And close?');
    await until(() => recorder.messages.length === 5, 'the second answer');
    expect(recorder.texts.filter((text) => text.includes('I am Ada'))).toHaveLength(1);
  });
});

test('without a topic nobody is handed over to: the agent says so, stays the owner and answers the next question', async () => {
  const recorder = new Recorder();
  const answers: AiAnswer[] = [{ kind: 'unknown' }, answer('Blue.')];
  recorder.answer = () => answers.shift() ?? answer('More.');
  await harness.withConversation({ ...inPortal, recorder, first: 'What is love?' }, async ({ say, handle }) => {
    await until(() => recorder.messages.length === 3, 'honest words');
    expect(recorder.texts.at(-1)).toBe(`bot: ${copy.unanswered}`);
    await say('Which colour?');
    await until(() => recorder.messages.length === 5, 'answer');
    expect(recorder.texts.at(-1)).toBe('ai: Blue.');
    expect(recorder.eventNames).not.toContain('conversation.handed_over');
    expect(recorder.outbox).toEqual([]);
    expect(await handle.query(statusQuery)).toMatchObject({ status: 'new', owner: 'ai' });
  });
});

test('where the tenant has topics for its portal, an unknown answer hands over to a person there', async () => {
  const options = { ...inPortal, settings: { ...alone, topicPolicy: 'handover' } as const, first: 'What is love?' };
  await harness.withConversation(options, async ({ recorder }) => {
    await until(() => recorder.eventNames.includes('conversation.handed_over'), 'hand-over');
    expect(recorder.row).toMatchObject({ owner: 'human', status: 'waiting' });
    expect(recorder.outbox.length).toBeGreaterThan(0);
  });
});

test('a quiet conversation closes by itself, and retention counts from there', async () => {
  const recorder = new Recorder();
  recorder.answer = () => answer('Yes.');
  const settings = { ...alone, retentionSeconds: 24 * 3_600 };
  await harness.withConversation({ ...inPortal, settings, recorder, first: 'Is it so?' }, async ({ handle }) => {
    await until(() => recorder.messages.length === 3, 'answer');
    await harness.env.sleep(30 * DAY);
    await until(() => recorder.row?.status === 'closed', 'closed');
    await harness.env.sleep(DAY);
    await until(() => recorder.purged === 1, 'purge');
    await latest(handle).result();
  });
});

test('a reset deletes what was said, counts on, and begins anew with the agent as it is now', async () => {
  const recorder = new Recorder();
  recorder.answer = () => answer('Yes.');
  await harness.withConversation({ ...inPortal, recorder, first: 'Is it so?' }, async ({ handle, input, say }) => {
    await until(() => recorder.messages.length === 3, 'answer');
    const id = randomUUID();
    await say('Once', id);
    await until(() => recorder.messages.length === 5, 'the second answer');
    await reset(handle, { ...input, setup: { ...input.setup, agent: { ...ada, name: 'Grace', greeting: null } } });
    expect(recorder.emptied).toEqual([expect.objectContaining({ owner: 'ai' })]);
    expect(recorder.messages).toEqual([]);
    // The ids that it had seen are forgotten with the rest: the same id is another message now.
    await say('Once', id);
    await until(() => recorder.messages.length === 2, 'an answer after the reset');
    expect(recorder.messages.map(({ seq, text }) => [seq, text])).toEqual([
      [6, 'Once'],
      [7, 'Yes.'],
    ]);
    expect(recorder.messages[1]?.author.name).toBe('Grace');
    const barrier = recorder.emptied[0]?.turn ?? Number.POSITIVE_INFINITY;
    expect(recorder.row?.turn).toBeGreaterThan(barrier);
  });
});

test('a reset while an answer is under way silences it for good', async () => {
  const recorder = new Recorder();
  const gate = recorder.gate();
  recorder.answer = async () => {
    await gate.opened;
    return answer('Too late.');
  };
  await harness.withConversation({ ...inPortal, recorder, first: 'Why?' }, async ({ handle, input, say }) => {
    await until(() => recorder.questions.length === 1, 'the question');
    await reset(handle, input);
    gate.open();
    recorder.answer = () => answer('Because.');
    await say('Why then?');
    await until(() => recorder.texts.includes('ai: Because.'), 'the answer to the new question');
    expect(recorder.texts).not.toContain('ai: Too late.');
  });
});

test('what comes while it is being emptied is kept for the new beginning; two resets are one', async () => {
  const recorder = new Recorder();
  recorder.answer = () => answer('Yes.');
  const gate = recorder.gate();
  await harness.withConversation({ ...inPortal, recorder, first: 'Is it so?' }, async ({ handle, input, say }) => {
    await until(() => recorder.messages.length === 3, 'answer');
    let emptying = false;
    recorder.beforeEmptying = () => {
      emptying = true;
      return gate.opened;
    };
    const resets = [reset(handle, input)];
    await until(() => emptying, 'emptying');
    await say('Between the two');
    resets.push(reset(handle, input));
    await until(async () => (await pendingUpdates(handle)) === 2, 'the second reset');
    await say('After both');
    gate.open();
    await Promise.all(resets);
    await until(() => recorder.messages.length === 3, 'the new beginning');
    expect(recorder.texts).toEqual(['bot: Hello, I am Ada.', 'visitor: After both', 'ai: Yes.']);
    expect(recorder.emptied).toHaveLength(1);
  });
});

test('a command that meets the reset is refused, and may be given again', async () => {
  const recorder = new Recorder();
  recorder.answer = () => answer('Yes.');
  const gate = recorder.gate();
  await harness.withConversation({ ...inPortal, recorder, first: 'Is it so?' }, async ({ handle, input }) => {
    await until(() => recorder.messages.length === 3, 'answer');
    recorder.beforeEmptying = () => gate.opened;
    const claim = () =>
      latest(handle).executeUpdate(commandUpdates.claim, { args: [{ agent: person, command: { name: 'claim' } }] });
    const resetting = reset(handle, input);
    await until(async () => (await pendingUpdates(handle)) === 1, 'the reset');
    const refused = claim().catch((error: unknown) => error);
    await until(async () => (await pendingUpdates(handle)) === 2, 'the claim');
    gate.open();
    await resetting;
    expect(await refused).toBeInstanceOf(WorkflowUpdateFailedError);
    expect(await claim()).toMatchObject({ owner: 'human' });
  });
});

async function pendingUpdates(handle: WorkflowHandle): Promise<number> {
  const { events } = await latest(handle).fetchHistory();
  const count = (
    field: 'workflowExecutionUpdateAcceptedEventAttributes' | 'workflowExecutionUpdateCompletedEventAttributes',
  ) => events?.filter((event) => event[field]).length ?? 0;
  return (
    count('workflowExecutionUpdateAcceptedEventAttributes') - count('workflowExecutionUpdateCompletedEventAttributes')
  );
}
