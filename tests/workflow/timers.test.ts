import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  agentCommandSignal,
  agentMessageSignal,
  commandUpdates,
  statusQuery,
} from '../../workflows/conversation/messages.ts';
import { type Harness, startHarness } from './conversationHarness.ts';
import { agent, DAY, MINUTE } from './fixtures.ts';
import { Recorder } from './recorder.ts';
import { until } from './until.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

test('a quiet visitor is reminded after 15 minutes, the conversation closes after 60, and 90 days later it is purged', async () => {
  await harness.withConversation({}, async ({ recorder, handle }) => {
    await handle.result();
    expect(recorder.texts).toEqual([
      'visitor: Hi',
      'bot: Hello!',
      expect.stringContaining('Are you still there?'),
      expect.stringContaining('closed because it has been quiet'),
    ]);
    const [, hello, reminder, closed] = recorder.messages;
    expect((reminder?.createdAt ?? 0) - (hello?.createdAt ?? 0)).toBeCloseTo(15 * MINUTE, -4);
    expect((closed?.createdAt ?? 0) - (hello?.createdAt ?? 0)).toBeCloseTo(60 * MINUTE, -4);
    expect(recorder.turns.at(-1)?.conversation.status).toBe('closed');
    expect(recorder.frames).toContainEqual({ type: 'conversation_closed' });
    expect(recorder.purged).toBe(1);
    const { startTime, closeTime } = await handle.describe();
    const lived = (closeTime?.getTime() ?? 0) - startTime.getTime();
    expect(lived).toBeGreaterThanOrEqual(90 * DAY + 60 * MINUTE);
    expect(lived).toBeLessThan(90 * DAY + 70 * MINUTE);
  });
});

test('a message moves the idle clock without a timer for each message', async () => {
  await harness.withConversation({}, async ({ recorder, handle, say }) => {
    await until(() => recorder.messages.length === 2, 'greeting');
    for (const minute of [1, 2, 3, 4]) {
      await harness.env.sleep(MINUTE);
      await say(`Still typing, minute ${minute}`);
      await until(() => recorder.messages.some(({ text }) => text.endsWith(`${minute}`)), `message ${minute}`);
    }
    const { events } = await handle.fetchHistory();
    const timers = (events ?? []).filter((event) => event.timerStartedEventAttributes);
    expect(timers.length).toBeLessThanOrEqual(2);
  });
});

test('nobody answers a hand-over in time: an SLA event and a notice that makes a sound', async () => {
  await harness.withConversation({ first: 'human' }, async ({ recorder }) => {
    await until(() => recorder.eventNames.includes('conversation.handed_over'), 'hand-over');
    await harness.env.sleep(4 * MINUTE);
    expect(recorder.eventNames).not.toContain('conversation.sla_breached');
    await harness.env.sleep(2 * MINUTE);
    await until(() => recorder.eventNames.includes('conversation.sla_breached'), 'SLA event');
    expect(recorder.outbox.at(-1)?.effect).toMatchObject({ kind: 'notice', silent: false });
  });
});

test('an answer in time stops the first-response clock', async () => {
  await harness.withConversation({ first: 'human' }, async ({ recorder, handle }) => {
    await until(() => recorder.eventNames.includes('conversation.handed_over'), 'hand-over');
    await handle.signal(agentMessageSignal, { key: 'tg:1:1', agent, text: 'I am here' });
    await until(() => recorder.texts.includes('agent: I am here'), 'answer');
    expect(recorder.frames).toContainEqual({ type: 'receipt', upToSeq: 2, status: 'read' });
    await harness.env.sleep(10 * MINUTE);
    expect(recorder.eventNames).not.toContain('conversation.sla_breached');
    expect(recorder.eventNames).toContain('conversation.claimed');
  });
});

test('a snoozed conversation is quiet until the moment, then the clock runs again', async () => {
  await harness.withConversation({ first: 'human' }, async ({ recorder, handle }) => {
    await until(() => recorder.eventNames.includes('conversation.handed_over'), 'hand-over');
    const now = await harness.env.currentTimeMs();
    const view = await handle.executeUpdate(commandUpdates.snooze, {
      args: [{ agent, command: { name: 'snooze', until: now + 60 * MINUTE } }],
    });
    expect(view.waitingFor).toBe('the end of the snooze');
    await harness.env.sleep(59 * MINUTE);
    expect(recorder.eventNames).not.toContain('conversation.sla_breached');
    await harness.env.sleep(2 * MINUTE);
    await until(
      () => recorder.outbox.some(({ effect }) => effect.kind === 'notice' && effect.text.includes('snooze')),
      'notice',
    );
    await harness.env.sleep(5 * MINUTE);
    await until(() => recorder.eventNames.includes('conversation.sla_breached'), 'SLA event after the snooze');
  });
});

test('a visitor who writes while the conversation is put aside ends that with a sound', async () => {
  await harness.withConversation({ first: 'human' }, async ({ recorder, handle, say }) => {
    const now = await harness.env.currentTimeMs();
    const snooze = { name: 'snooze', until: now + 60 * MINUTE } as const;
    await handle.executeUpdate(commandUpdates.snooze, { args: [{ agent, command: snooze }] });
    await say('Is anybody there?');
    await until(() => recorder.texts.includes('visitor: Is anybody there?'), 'the words');
    const told = recorder.outbox.flatMap(({ effect }) => (effect.kind === 'notice' ? [effect] : []));
    expect(told.at(-1)).toEqual({ kind: 'notice', text: 'The visitor writes: the snooze is over', silent: false });
    expect(recorder.row?.snoozedUntil).toBeNull();
  });
});

test('a wait step of the flow goes on by itself', async () => {
  await harness.withConversation({ first: 'Hi' }, async ({ recorder, say }) => {
    await until(() => recorder.messages.length === 2, 'greeting');
    await say('later');
    await until(() => recorder.texts.includes('visitor: later'), 'later');
    await harness.env.sleep(11 * MINUTE);
    await until(() => recorder.texts.includes('bot: Here I am again.'), 'the step after the wait');
  });
});

test('a visitor who writes again after closure reopens the conversation, and retention starts anew', async () => {
  await harness.withConversation({}, async ({ recorder, handle, say }) => {
    await until(() => recorder.messages.length === 2, 'greeting');
    await handle.signal(agentCommandSignal, { key: 'tg:1:2', agent, command: { name: 'close' } });
    await until(() => recorder.eventNames.includes('conversation.closed'), 'closed');
    await harness.env.sleep(80 * DAY);
    await say('Me again');
    await until(() => recorder.eventNames.includes('conversation.reopened'), 'reopened');
    expect(recorder.texts.at(-1)).toBe('bot: Hello!');
    const view = await handle.query(statusQuery);
    expect(view.deadlines.retention).toBeUndefined();
    await harness.env.sleep(20 * DAY);
    expect(recorder.purged).toBe(0);
    await handle.result();
    expect(recorder.purged).toBe(1);
  });
});

test('a database that is down is waited for without workflow tasks, and nothing is lost', async () => {
  const recorder = new Recorder();
  let failures = 12;
  recorder.beforeRecord = () => {
    failures -= 1;
    if (failures >= 0) throw new Error('database is down');
  };
  await harness.withConversation({ recorder, first: 'Hi' }, async ({ handle }) => {
    await until(() => failures < 8, 'some attempts');
    await harness.env.sleep(5 * MINUTE);
    await until(() => recorder.messages.length === 2, 'recorded after the outage');
    const { events } = await handle.fetchHistory();
    expect(events?.length).toBeLessThan(25);
    expect(recorder.texts).toEqual(['visitor: Hi', 'bot: Hello!']);
  });
});
