import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Agent, TopicCommand } from '../../contracts/conversation.ts';
import { OUTBOX_PRIORITY } from '../../contracts/outboxPriority.ts';
import {
  agentCommandSignal,
  agentEditSignal,
  agentMessageSignal,
  commandUpdates,
  visitorChangedSignal,
  visitorSawSignal,
} from '../../workflows/conversation/messages.ts';
import { type Conversation, type Harness, startHarness } from './conversationHarness.ts';
import { agent, otherAgent } from './fixtures.ts';
import { inOneTurn } from './inOneTurn.ts';
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
    await expect(conversation.handle.executeUpdate(commandUpdates.ai, { args: [order] })).rejects.toThrow(
      'Update failed',
    );
  });
});

function say(conversation: Conversation, key: string, text: string): Promise<void> {
  return conversation.handle.signal(agentMessageSignal, { key, agent, text });
}

function edit({ handle }: Conversation, of: string, text: string, editedAt: number): Promise<void> {
  const key = `${of}:edit:${editedAt}:${text}`;
  return handle.signal(agentEditSignal, { key, of, agent, text, entities: [], editedAt });
}

test('what an agent changes is changed for the visitor, however often Telegram tells of it', async () => {
  await harness.withConversation({ first: 'human' }, async (conversation) => {
    const { recorder } = conversation;
    await say(conversation, 'tg:-9:10', 'At nine');
    await until(() => recorder.texts.includes('agent: At nine'), 'the words');
    const [said] = recorder.messages.slice(-1);
    for (let times = 0; times < 2; times += 1) await edit(conversation, 'tg:-9:10', 'At ten', 1_000);
    await until(() => recorder.edits.length === 1, 'the first edit');
    await edit(conversation, 'tg:-9:10', 'At eleven', 2_000);
    await until(() => recorder.edits.length === 2, 'the edits');
    expect(recorder.edits).toEqual([
      { messageId: said?.id, text: 'At ten', entities: [], editedAt: 1_000 },
      { messageId: said?.id, text: 'At eleven', entities: [], editedAt: 2_000 },
    ]);
  });
});

test('of two edits of one second the later one holds; a late one changes nothing', async () => {
  await harness.withConversation({ first: 'human' }, async (conversation) => {
    const { recorder } = conversation;
    const of = 'tg:-9:10';
    await say(conversation, of, 'At nine');
    await until(() => recorder.texts.includes('agent: At nine'), 'the words');
    await inOneTurn(conversation, async () => {
      await edit(conversation, of, 'At ten', 2_000);
      await edit(conversation, of, 'At eleven', 2_000);
      await edit(conversation, of, 'At eight', 1_000);
    });
    const [inOne, next, late] = ['At eleven', 'At twelve', 'At seven'].map((text) => [{ text }]);
    await until(() => recorder.edits.length > 0, 'the edits');
    expect(recorder.editsByTurn).toMatchObject([inOne]);
    // From turn to turn the database goes by the same rule: it gets each, in order (tests/db/edits.test.ts).
    await edit(conversation, of, 'At twelve', 2_000);
    await until(() => recorder.editsByTurn.length === 2, 'the next edit');
    await edit(conversation, of, 'At seven', 1_000);
    await until(() => recorder.editsByTurn.length === 3, 'the late edit');
    expect(recorder.editsByTurn).toMatchObject([inOne, next, late]);
  });
});

test('what is changed before anybody has seen it is said as it was changed', async () => {
  await harness.withConversation({ first: 'human' }, async (conversation) => {
    const { recorder } = conversation;
    await inOneTurn(conversation, async () => {
      await say(conversation, 'tg:-9:10', 'At nine');
      await edit(conversation, 'tg:-9:10', 'At ten', 2_000);
      await edit(conversation, 'tg:-9:10', 'At eleven', 2_000);
    });
    await until(() => recorder.texts.some((text) => text.startsWith('agent')), 'the words');
    await harness.atRest(conversation.handle);
    expect(recorder.texts.filter((text) => text.startsWith('agent'))).toEqual(['agent: At eleven']);
    expect(recorder.editsByTurn).toEqual([]);
  });
});

test('who edits what the visitor never gets is told so, once', async () => {
  await harness.withConversation({ first: 'human', claimPolicy: 'claim_first' }, async (conversation) => {
    const { recorder, handle } = conversation;
    await handle.signal(agentCommandSignal, { key: 'tg:-9:20', agent, command: { name: 'note', text: 'For us' } });
    await ask(conversation, { name: 'claim' });
    await handle.signal(agentMessageSignal, { key: 'tg:-9:21', agent: otherAgent, text: 'Not mine' });
    for (const of of ['tg:-9:20', 'tg:-9:21']) {
      await edit(conversation, of, 'For you', 1_000);
      await edit(conversation, of, 'For you!', 2_000);
    }
    const answers = () => told(conversation).filter((text) => text.includes('send it as a new message'));
    await until(() => answers().length === 2, 'the answers');
    await harness.decided(handle);
    expect(answers()).toHaveLength(2);
    expect(recorder.edits).toEqual([]);
  });
});

test('an answer names what it answers: a message by its id, an agent’s by where it stands', async () => {
  await harness.withConversation({ first: 'human' }, async (conversation) => {
    const { recorder, handle } = conversation;
    const [question] = recorder.messages;
    const messageId = question?.id ?? '';
    const answer = { agent, text: 'Yes', replyTo: { key: 'tg:-9:3', messageId, quote: 'hum' } };
    await handle.signal(agentMessageSignal, { key: 'tg:-9:10', ...answer });
    const added = { agent, text: 'And more', replyTo: { key: 'tg:-9:10' } };
    await handle.signal(agentMessageSignal, { key: 'tg:-9:11', ...added });
    await until(() => recorder.texts.includes('agent: And more'), 'both');
    const [first, second] = recorder.messages.slice(-2);
    expect(first?.replyTo).toEqual({ messageId, quote: 'hum' });
    expect(second?.replyTo).toEqual({ messageId: first?.id });
  });
});

test('the agents see by one reaction what the visitor has seen, and by another what was read', async () => {
  await harness.withConversation({ first: 'human' }, async (conversation) => {
    const { recorder, handle } = conversation;
    for (const id of [10, 11]) await say(conversation, `tg:-9:${id}`, `Answer ${id}`);
    await until(() => recorder.texts.includes('agent: Answer 11'), 'the words');
    const [first, second] = recorder.messages.slice(-2).map(({ id }) => id);
    const reactions = () => recorder.outbox.flatMap(({ effect }) => (effect.kind === 'reaction' ? [effect] : []));
    const saw = (messageId = '', status: 'delivered' | 'read' = 'delivered') =>
      handle.signal(visitorSawSignal, { messageId, status });
    await saw(second);
    await saw(first);
    await saw(second, 'read');
    await saw(second, 'read');
    await saw(first, 'read');
    await saw('0198c0de-0000-7000-8000-000000000000', 'read');
    await until(() => reactions().length === 2, 'the reactions');
    await harness.decided(handle);
    expect(reactions()).toEqual([
      { kind: 'reaction', telegramMessageId: 11, emoji: '👀' },
      { kind: 'reaction', telegramMessageId: 11, emoji: '👍' },
    ]);
    expect(recorder.outbox.at(-1)?.priority).toBe(OUTBOX_PRIORITY.reaction);
  });
});

test('a prepared answer is received and read as any other, and refused to who presses for it in another’s conversation', async () => {
  await harness.withConversation(
    { first: 'human', claimPolicy: 'claim_first' },
    async ({ handle, recorder, ...rest }) => {
      const press = (by: Agent) =>
        handle.executeUpdate(commandUpdates.canned, {
          args: [{ agent: by, command: { name: 'canned', text: 'To 5.' } }],
        });
      await press(agent);
      await expect(press(otherAgent)).rejects.toMatchObject({ cause: { type: 'already_claimed' } });
      expect(told({ handle, recorder, ...rest })).toEqual([]);
      const [said] = recorder.messages.slice(-1);
      await handle.signal(visitorSawSignal, { messageId: said?.id ?? '', status: 'read' });
      await until(() => recorder.outbox.some(({ effect }) => effect.kind === 'reaction'), 'the reaction');
      expect(recorder.outbox.at(-1)).toMatchObject({
        key: `conv_reaction_${said?.id}_read`,
        effect: { telegramMessageId: 0, emoji: '👍' },
      });
    },
  );
});

test('the card is brought up to date by what it shows, and by nothing else', async () => {
  await harness.withConversation({}, async (conversation) => {
    const { recorder, say: visitorSays } = conversation;
    const cards = () => recorder.outbox.filter(({ effect }) => effect.kind === 'card').length;
    await until(() => cards() === 1, 'the first card');
    await visitorSays('human');
    await until(() => cards() === 2, 'hand-over');
    await visitorSays('Are you there?');
    await until(() => recorder.messages.length === 5, 'the question');
    expect(cards()).toBe(2);
    await ask(conversation, { name: 'claim' });
    await ask(conversation, { name: 'rename', title: 'Parcel' });
    await ask(conversation, { name: 'note', text: 'Again' });
    await until(() => recorder.notes.length === 1, 'the note');
    expect(recorder.row).toMatchObject({ status: 'active', title: 'Parcel' });
    expect(cards()).toBeGreaterThan(2);
    expect(cards()).toBeLessThanOrEqual(5);
    const before = cards();
    await ask(conversation, { name: 'note', text: 'And again' });
    await until(() => cards() === before + 1, 'the note on the card');
    await conversation.handle.signal(visitorChangedSignal);
    await until(() => cards() === before + 2, 'what is known of the visitor');
    expect(recorder.outbox.at(-1)?.priority).toBe(OUTBOX_PRIORITY.card);
  });
});
