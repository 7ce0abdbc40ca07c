import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Agent, TopicCommand } from '../../contracts/conversation.ts';
import { agentCommandSignal, agentMessageSignal, commandUpdates } from '../../workflows/conversation/messages.ts';
import { type Conversation, type Harness, startHarness } from './conversationHarness.ts';
import { agent, otherAgent } from './fixtures.ts';
import { Recorder } from './recorder.ts';
import { until } from './until.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

function ask({ handle }: Conversation, command: TopicCommand, by: Agent = agent): Promise<void> {
  return handle.signal(agentCommandSignal, { key: `tg:${randomUUID()}`, agent: by, command });
}

function write({ handle }: Conversation, text: string, by: Agent = agent): Promise<void> {
  return handle.signal(agentMessageSignal, { key: `tg:${randomUUID()}`, agent: by, text });
}

/** What the agents were told in the topic. */
function told({ recorder }: Conversation): string[] {
  return recorder.outbox.flatMap(({ effect }) => (effect.kind === 'notice' && effect.silent ? [effect.text] : []));
}

test('who has not claimed is asked to, where the tenant wants it so, and is not heard before', async () => {
  await harness.withConversation({ first: 'human', claimPolicy: 'claim_first' }, async (conversation) => {
    const { recorder } = conversation;
    await write(conversation, 'Mine');
    await write(conversation, 'Not mine', otherAgent);
    await until(() => told(conversation).length === 1, 'the answer to the other');
    expect(told(conversation)[0]).toContain('Not sent to the visitor: Agent A has this conversation');
    await ask(conversation, { name: 'canned', text: 'Prepared, but not mine' }, otherAgent);
    await ask(conversation, { name: 'release' }, otherAgent);
    await ask(conversation, { name: 'claim' }, otherAgent);
    await write(conversation, 'Now it is', otherAgent);
    await until(() => recorder.texts.includes('agent: Now it is'), 'the words');
    expect(recorder.texts.filter((text) => text.startsWith('agent'))).toEqual(['agent: Mine', 'agent: Now it is']);
    expect(recorder.row?.claimedBy).toEqual(otherAgent);
  });
});

test('a prepared answer is said in the name of the agent, who claims by it, and stands in the topic', async () => {
  await harness.withConversation({ first: 'human' }, async (conversation) => {
    const { recorder } = conversation;
    await ask(conversation, { name: 'canned_menu', names: ['hours'] });
    await ask(conversation, { name: 'canned', text: 'From 9 to 5.' });
    await until(() => recorder.texts.includes('agent: From 9 to 5.'), 'the answer');
    expect(recorder.row?.claimedBy).toEqual(agent);
    const [said] = recorder.messages.slice(-1);
    expect(said?.author).toEqual({ kind: 'agent', name: 'Agent A' });
    expect(recorder.outbox.map(({ effect }) => effect)).toContainEqual({ kind: 'canned_menu', names: ['hours'] });
    expect(recorder.outbox.map(({ effect }) => effect)).toContainEqual({ kind: 'message', messageId: said?.id });
  });
});

test('what cannot be done from the topic is answered there, and the visitor sees none of it', async () => {
  await harness.withConversation({ first: 'human' }, async (conversation) => {
    const { recorder } = conversation;
    await ask(conversation, { name: 'whoami' });
    await ask(conversation, { name: 'claim' });
    await ask(conversation, { name: 'claim' }, otherAgent);
    await ask(conversation, { name: 'whoami' }, otherAgent);
    await ask(conversation, { name: 'tell', text: 'There is no such command.' });
    await until(() => told(conversation).length === 4, 'the answers');
    expect(told(conversation)).toEqual([
      'You are Agent A (telegram:7). Nobody has claimed this conversation.',
      'Agent A has this conversation. To take it over: /release, then /claim.',
      'You are Agent B (telegram:8). Agent A has this conversation.',
      'There is no such command.',
    ]);
    await ask(conversation, { name: 'close' });
    await ask(conversation, { name: 'snooze', until: 1 });
    await until(() => told(conversation).length === 5, 'the refusal');
    expect(told(conversation)[4]).toContain('/reopen');
    expect(recorder.texts.filter((text) => text.startsWith('agent'))).toEqual([]);
  });
});

test('AI that is switched off in a conversation hands over, what it was just asked included', async () => {
  const recorder = new Recorder();
  const { opened } = recorder.gate();
  recorder.answer = async () => {
    await opened;
    return { kind: 'answer', text: 'Too late', sources: [] };
  };
  await harness.withConversation({ recorder, first: 'Hi' }, async (conversation) => {
    await conversation.say('Which colour is it?');
    await until(() => recorder.questions.length === 1, 'the question to AI');
    await ask(conversation, { name: 'ai', on: false });
    await until(() => recorder.row?.status === 'waiting', 'hand-over');
    expect(told(conversation)).toEqual(['AI does not answer in this conversation.']);
    await ask(conversation, { name: 'release' });
    await conversation.say('And which size?');
    await until(() => recorder.eventNames.filter((name) => name === 'conversation.handed_over').length === 2, 'again');
    recorder.answer = () => ({ kind: 'answer', text: 'It is blue.', sources: [] });
    await ask(conversation, { name: 'release' });
    await ask(conversation, { name: 'ai', on: true });
    await conversation.say('Which colour is it?');
    await until(() => recorder.texts.includes('ai: It is blue.'), 'AI');
    expect(recorder.texts).not.toContain('ai: Too late');
  });
});

test('AI cannot be switched on where the site has none', async () => {
  await harness.withConversation({ settings: { aiEnabled: false }, first: 'human' }, async (conversation) => {
    await ask(conversation, { name: 'ai', on: true });
    await until(() => told(conversation).length === 1, 'the refusal');
    expect(told(conversation)).toEqual(['AI is switched off for this whole site.']);
    const order = { agent, command: { name: 'ai', on: true } } as const;
    await expect(conversation.handle.executeUpdate(commandUpdates.ai, { args: [order] })).rejects.toThrow();
  });
});
