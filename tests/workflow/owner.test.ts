import { randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OutboxItem } from '../../contracts/activities.ts';
import type { Agent, AgentCommand, ConversationView } from '../../contracts/conversation.ts';
import { agentCommandSignal, agentMessageSignal, commandUpdates } from '../../workflows/conversation/messages.ts';
import { type Conversation, type Harness, startHarness } from './conversationHarness.ts';
import { agent, copy, HOUR, otherAgent } from './fixtures.ts';
import { Recorder } from './recorder.ts';
import { until } from './until.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

function order({ handle }: Conversation, command: AgentCommand, by: Agent = agent): Promise<ConversationView> {
  return handle.executeUpdate(commandUpdates[command.name], { args: [{ agent: by, command }] });
}

/** The code with which a command was refused. */
async function refusal(conversation: Conversation, command: AgentCommand, by?: Agent): Promise<unknown> {
  const error: unknown = await order(conversation, command, by).catch((failure: unknown) => failure);
  if (!(error instanceof WorkflowUpdateFailedError)) return undefined;
  return error.cause instanceof ApplicationFailure ? error.cause.type : error.cause;
}

function write({ handle }: Conversation, text: string, by: Agent = agent): Promise<void> {
  return handle.signal(agentMessageSignal, { key: `tg:${randomUUID()}`, agent: by, text });
}

/** The topic's effects but for its card, which follows every change. */
function said(outbox: readonly OutboxItem[] = []): OutboxItem[] {
  return outbox.filter(({ effect }) => effect.kind !== 'card');
}

test('the conversation goes from the flow to AI, to a person, and back on release', async () => {
  const recorder = new Recorder();
  recorder.answer = () => ({ kind: 'answer', text: 'It is blue.', sources: [] });
  await harness.withConversation({ recorder }, async (conversation) => {
    const { say } = conversation;
    await until(() => recorder.row?.owner === 'flow', 'the flow');
    await say('Which colour is it?');
    await until(() => recorder.texts.includes('ai: It is blue.'), 'the answer');
    expect(recorder.row).toMatchObject({ owner: 'ai', status: 'new' });
    await say('human');
    await until(() => recorder.row?.owner === 'human', 'hand-over');
    expect(recorder.row).toMatchObject({ status: 'waiting', claimedBy: null });
    await write(conversation, 'I am here');
    await until(() => recorder.row?.status === 'active', 'claim');
    await say('Which colour is it?');
    await until(() => recorder.messages.length === 8, 'the question to the person');
    expect(recorder.questions).toHaveLength(1);
    const view = await order(conversation, { name: 'release' });
    expect(view).toMatchObject({ owner: 'flow', status: 'new', claimedBy: null });
    await say('And which size?');
    await until(() => recorder.questions.length === 2, 'AI again');
    expect(recorder.eventNames.filter((name) => name === 'conversation.handed_over')).toHaveLength(1);
  });
});

test('the first word of a person claims, before it is said', async () => {
  await harness.withConversation({}, async (conversation) => {
    const { recorder, say } = conversation;
    await until(() => recorder.messages.length === 2, 'greeting');
    await write(conversation, 'Let me help');
    await until(() => recorder.messages.length === 3, 'the words');
    expect(recorder.eventNames.slice(-2)).toEqual(['conversation.claimed', 'message.added']);
    expect(recorder.frames).toContainEqual({ type: 'agent_joined', agent: 'Agent A' });
    expect(recorder.row).toMatchObject({ owner: 'human', status: 'active', claimedBy: agent });
    await say('bye');
    await until(() => recorder.messages.length === 4, 'the visitor');
    expect(recorder.row?.status).toBe('active');
  });
});

test('a second person joins without claiming', async () => {
  await harness.withConversation({ first: 'human' }, async (conversation) => {
    const { recorder } = conversation;
    await write(conversation, 'Mine');
    await write(conversation, 'May I add something?', otherAgent);
    await until(() => recorder.texts.includes('agent: May I add something?'), 'both');
    expect(recorder.messages.slice(-2).map(({ author }) => author.name)).toEqual(['Agent A', 'Agent B']);
    expect(recorder.row?.claimedBy).toEqual(agent);
    expect(recorder.eventNames.filter((name) => name === 'conversation.claimed')).toHaveLength(1);
  });
});

test('words that Telegram delivers twice are said once', async () => {
  await harness.withConversation({ first: 'human' }, async ({ recorder, handle }) => {
    for (const text of ['Once', 'Once']) await handle.signal(agentMessageSignal, { key: 'tg:9:9', agent, text });
    await handle.signal(agentMessageSignal, { key: 'tg:9:10', agent, text: 'Twice' });
    await until(() => recorder.texts.includes('agent: Twice'), 'the second');
    expect(recorder.texts.filter((text) => text.startsWith('agent'))).toEqual(['agent: Once', 'agent: Twice']);
  });
});

test('a claim is refused to a second person, and to everyone once the conversation is closed', async () => {
  await harness.withConversation({ first: 'human' }, async (conversation) => {
    const { recorder } = conversation;
    expect(await order(conversation, { name: 'claim' })).toMatchObject({ claimedBy: agent, status: 'active' });
    expect(await refusal(conversation, { name: 'claim' })).toBeUndefined();
    expect(await refusal(conversation, { name: 'claim' }, otherAgent)).toBe('already_claimed');
    await order(conversation, { name: 'close' });
    expect(recorder.texts.at(-1)).toBe(`system: ${copy.closed}`);
    for (const command of [{ name: 'claim' }, { name: 'release' }, { name: 'snooze', until: 1 }] as const) {
      expect(await refusal(conversation, command)).toBe('conversation_closed');
    }
    expect(await refusal(conversation, { name: 'close' })).toBeUndefined();
  });
});

test('reopening gives the conversation to the person who asks, and stops retention', async () => {
  await harness.withConversation({ first: 'human' }, async (conversation) => {
    await order(conversation, { name: 'close' });
    const view = await order(conversation, { name: 'reopen' }, otherAgent);
    expect(view).toMatchObject({ status: 'active', owner: 'human', claimedBy: otherAgent, deadlines: {} });
    expect(conversation.recorder.row?.closedAt).toBeNull();
    expect(
      said(conversation.recorder.outbox)
        .map(({ effect }) => effect.kind)
        .slice(-2),
    ).toEqual(['close_topic', 'reopen_topic']);
  });
});

test('renaming, noting and snoozing are recorded before their update returns, and say nothing to the visitor', async () => {
  await harness.withConversation({ first: 'human' }, async (conversation) => {
    const { recorder } = conversation;
    await until(() => recorder.messages.length === 2, 'hand-over');
    await order(conversation, { name: 'rename', title: 'Delivery of 90210' });
    expect(recorder.row?.title).toBe('Delivery of 90210');
    expect(said(recorder.outbox).at(-1)?.effect).toEqual({ kind: 'rename', title: 'Delivery of 90210' });
    await order(conversation, { name: 'note', text: 'Asked twice' }, otherAgent);
    expect(recorder.notes).toMatchObject([{ agent: otherAgent, text: 'Asked twice' }]);
    const end = (await harness.env.currentTimeMs()) + HOUR;
    await order(conversation, { name: 'snooze', until: end });
    expect(recorder.row?.snoozedUntil).toBe(end);
    await harness.env.sleep(2 * HOUR);
    await until(() => recorder.row?.snoozedUntil === null, 'the end of the snooze');
    expect(recorder.messages).toHaveLength(2);
  });
});

test('an update waits until what it asked for is recorded', async () => {
  await harness.withConversation({}, async (conversation) => {
    const { recorder } = conversation;
    await until(() => recorder.messages.length === 2, 'greeting');
    const { opened, open } = recorder.gate();
    let reached = false;
    recorder.beforeRecord = () => {
      reached = true;
      return opened;
    };
    let returned = false;
    const renaming = order(conversation, { name: 'rename', title: 'Parcel' }).then((view) => {
      returned = true;
      return view;
    });
    await until(() => reached, 'the transaction');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(returned).toBe(false);
    open();
    expect((await renaming).title).toBe('Parcel');
  });
});

test('a command from Telegram that comes twice is done once', async () => {
  await harness.withConversation({ first: 'human' }, async (conversation) => {
    const { recorder, handle } = conversation;
    const close = { key: 'tg:5:5', agent, command: { name: 'close' } } as const;
    await handle.signal(agentCommandSignal, close);
    await order(conversation, { name: 'reopen' });
    await handle.signal(agentCommandSignal, close);
    expect(await order(conversation, { name: 'rename', title: 'Still open' })).toMatchObject({ status: 'active' });
    expect(recorder.eventNames.filter((name) => name === 'conversation.closed')).toHaveLength(1);
  });
});

test('with a topic at hand-over nothing goes there before, and then all of it, the question included', async () => {
  await harness.withConversation({ settings: { topicPolicy: 'handover' } }, async ({ recorder, say }) => {
    await until(() => recorder.messages.length === 2, 'greeting');
    expect(recorder.outbox).toEqual([]);
    expect(recorder.deliveries).toEqual([]);
    await say('human');
    await until(() => recorder.messages.length === 4, 'hand-over');
    const turn = recorder.turns.at(-1);
    expect(turn?.backfillTopic).toBe(true);
    const [question, words] = recorder.messages.slice(2).map(({ id }) => id);
    expect(said(turn?.outbox).map(({ effect }) => effect)).toEqual([
      { kind: 'message', messageId: question },
      { kind: 'message', messageId: words },
      { kind: 'notice', text: 'Hand-over: requested', silent: false },
    ]);
    await until(() => recorder.deliveries.length === 1, 'delivery');
  });
});

test('a topic at hand-over holds the first message when that one asks for a person', async () => {
  const settings = { topicPolicy: 'handover' } as const;
  await harness.withConversation({ settings, first: 'human' }, async ({ recorder }) => {
    await until(() => recorder.messages.length === 2, 'hand-over');
    expect(said(recorder.outbox).map(({ effect }) => effect.kind)).toEqual(['message', 'message', 'notice']);
  });
});
