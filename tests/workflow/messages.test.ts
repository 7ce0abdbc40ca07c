import { randomUUID } from 'node:crypto';
import proto from '@temporalio/proto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { flowDefinitionSchema } from '../../contracts/flow.ts';
import { agentMessageSignal, statusQuery } from '../../workflows/conversation/messages.ts';
import { type Harness, startHarness } from './conversationHarness.ts';
import { agent, copy, DAY } from './fixtures.ts';
import { Recorder } from './recorder.ts';
import { until } from './until.ts';

const { EventType } = proto.temporal.api.enums.v1;

const hoursFlow = flowDefinitionSchema.parse({
  language: 1,
  name: 'Opening hours',
  triggers: [
    { on: 'first_message', start: 'hello' },
    { on: 'keyword', keywords: ['hours'], start: 'hours' },
  ],
  steps: { hello: { type: 'message', text: 'Hello!' }, hours: { type: 'message', text: 'From 9 to 5.' } },
});

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

test('a message that is sent again is recorded and answered once', async () => {
  await harness.withConversation({ flow: hoursFlow }, async ({ recorder, say }) => {
    const id = randomUUID();
    await say('Your hours?', id);
    await until(() => recorder.messages.length === 4, 'answer');
    await say('Your hours?', id);
    await say('hours again');
    await until(() => recorder.messages.length === 6, 'the next answer');
    expect(recorder.texts).toEqual([
      'visitor: Hi',
      'bot: Hello!',
      'visitor: Your hours?',
      'bot: From 9 to 5.',
      'visitor: hours again',
      'bot: From 9 to 5.',
    ]);
  });
});

test('all that arrives while a turn is recorded is decided in its order, as one turn', async () => {
  const recorder = new Recorder();
  const { opened, open } = recorder.gate();
  recorder.beforeRecord = () => opened;
  await harness.withConversation({ recorder, flow: hoursFlow }, async ({ handle, say }) => {
    await say('hours one');
    await say('hours two');
    await handle.signal(agentMessageSignal, { key: 'tg:1:1', agent, text: 'I take over' });
    await say('hours three');
    open();
    await until(() => recorder.messages.length === 8, 'all of it');
    expect(recorder.turns).toHaveLength(2);
    expect(recorder.turns[1]?.messages.map(({ text }) => text)).toEqual([
      ...['hours one', 'From 9 to 5.', 'hours two', 'From 9 to 5.'],
      ...['I take over', 'hours three'],
    ]);
  });
});

test('a message that the flow answers costs one workflow task and one local activity', async () => {
  const recorder = new Recorder();
  recorder.deliver = () => ({ kind: 'no_channel' });
  await harness.withConversation({ recorder, flow: hoursFlow }, async ({ handle, say }) => {
    await harness.atRest(handle);
    const before = await handle.fetchHistory();
    await say('Your hours?');
    await until(() => recorder.messages.length === 4, 'answer');
    await harness.atRest(handle);
    const { events } = await handle.fetchHistory();
    expect(events?.slice(before.events?.length).map(({ eventType }) => EventType[eventType ?? 0])).toEqual([
      'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED',
      'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED',
      'EVENT_TYPE_WORKFLOW_TASK_STARTED',
      'EVENT_TYPE_WORKFLOW_TASK_COMPLETED',
      'EVENT_TYPE_MARKER_RECORDED',
    ]);
    expect(recorder.deliveries).toHaveLength(1);
  });
});

test('a turn whose transaction was committed though its answer was lost leaves no duplicate', async () => {
  const recorder = new Recorder();
  let crashes = 1;
  recorder.afterRecord = () => {
    crashes -= 1;
    if (crashes >= 0) throw new Error('The connection broke after COMMIT');
  };
  await harness.withConversation({ recorder }, async ({ handle }) => {
    await until(() => recorder.turns.length === 2, 'the repeat');
    expect(recorder.texts).toEqual(['visitor: Hi', 'bot: Hello!']);
    expect(recorder.turns[1]?.messages).toEqual(recorder.turns[0]?.messages);
    await until(async () => (await handle.query(statusQuery)).lastSeq === 2, 'the number from the repeat');
  });
});

test('a message that arrives while the conversation is purged starts it anew', async () => {
  const recorder = new Recorder();
  const { opened, open } = recorder.gate();
  let purging = false;
  recorder.beforePurge = () => {
    purging = true;
    return opened;
  };
  await harness.withConversation({ recorder }, async ({ handle, say }) => {
    await until(() => recorder.messages.length === 2, 'greeting');
    const slept = harness.env.sleep(91 * DAY);
    await until(() => purging, 'purge');
    recorder.messages.length = 0;
    await say('Anyone there?');
    open();
    await until(() => recorder.messages.length >= 2, 'the new start');
    expect(recorder.texts.slice(0, 2)).toEqual(['visitor: Anyone there?', 'bot: Hello!']);
    expect(recorder.purged).toBe(1);
    expect(recorder.turns.find(({ messages }) => messages[0]?.text === 'Anyone there?')?.conversation.turn).toBe(1);
    await slept;
    const { status } = await harness.client.workflow.getHandle(handle.workflowId).describe();
    expect(status.name).toBe('RUNNING');
  });
});

test.each([
  ['a hand-over', 'person', copy.handover, 'One moment, please.', 'handed_over'],
  ['a closure', 'end', copy.closed, 'See you!', 'closed'],
])('%s says the flow’s words instead of the site’s, and the site’s when the flow has none', async (...row) => {
  const [, step, siteWords, flowWords, event] = row;
  for (const text of [undefined, flowWords]) {
    const flow = flowDefinitionSchema.parse({
      language: 1,
      name: 'One step',
      triggers: [{ on: 'first_message', start: step }],
      steps: { person: { type: 'handover', text }, end: { type: 'close', text } },
    });
    await harness.withConversation({ flow }, async ({ recorder }) => {
      await until(() => recorder.eventNames.includes(`conversation.${event}`), event);
      expect(recorder.messages.map((message) => message.text)).toEqual(['Hi', text ?? siteWords]);
    });
  }
});
