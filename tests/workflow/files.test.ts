import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AgentMessageSignal, TopicCommand } from '../../contracts/conversation.ts';
import { agentCommandSignal, agentEditSignal, agentMessageSignal } from '../../workflows/conversation/messages.ts';
import { type Conversation, type Harness, startHarness } from './conversationHarness.ts';
import { agent, copy, otherAgent } from './fixtures.ts';
import { Recorder } from './recorder.ts';
import { until } from './until.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

function send({ handle }: Conversation, message: Partial<AgentMessageSignal>): Promise<void> {
  return handle.signal(agentMessageSignal, { key: `tg:${randomUUID()}`, agent, text: '', ...message });
}

function ask({ handle }: Conversation, command: TopicCommand): Promise<void> {
  return handle.signal(agentCommandSignal, { key: `tg:${randomUUID()}`, agent, command });
}

let edits = 0;
/** What an agent made of a message, a second after the edit before. */
function edit({ handle }: Conversation, of: string, text: string, filePrint?: string): Promise<void> {
  edits += 1;
  const editedAt = edits * 1_000;
  return handle.signal(agentEditSignal, { key: `${of}/${edits}`, of, agent, text, editedAt, filePrint });
}

/** What agents said, with how many files. */
function heard({ messages }: Recorder): string[] {
  return messages
    .filter(({ author }) => author.kind === 'agent')
    .map(({ text, attachments = [] }) => `${text}+${attachments.length}`);
}

function notices({ outbox }: Recorder): string[] {
  return outbox.flatMap(({ effect }) => (effect.kind === 'notice' ? [effect.text] : []));
}

test("an agent's file is fetched before it is said, and what is said after it waits for it", async () => {
  const recorder = new Recorder();
  const gate = recorder.gate();
  recorder.fetch = async ({ fileIds }) => {
    await gate.opened;
    return fileIds.map((id) => ({ id }));
  };
  await harness.withConversation({ recorder, first: 'human' }, async (conversation) => {
    const fileId = randomUUID();
    await send(conversation, { text: 'The plan', attachments: [fileId] });
    await send(conversation, { text: 'Tell me what you think' });
    await until(() => recorder.fetches.length === 1, 'the file to be asked for');
    expect(recorder.row).toMatchObject({ status: 'active', claimedBy: agent });
    expect(heard(recorder)).toEqual([]);
    gate.open();
    await until(() => heard(recorder).length === 2, 'both');
    expect(heard(recorder)).toEqual(['The plan+1', 'Tell me what you think+0']);
    expect(recorder.fetches).toEqual([{ ...conversation.ids, fileIds: [fileId] }]);
  });
});

test('the parts of an album are one message, in the order in which they were sent', async () => {
  const recorder = new Recorder();
  await harness.withConversation({ recorder, first: 'human' }, async (conversation) => {
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    for (const place of [2, 1, 3]) {
      const text = place === 1 ? 'Three rooms' : '';
      await send(conversation, { text, attachments: [ids[place - 1] ?? ''], album: { id: '42', place } });
    }
    await harness.env.sleep(10_000);
    await until(() => heard(recorder).length === 1, 'the album');
    expect(heard(recorder)).toEqual(['Three rooms+3']);
    expect(recorder.messages.at(-1)?.attachments).toEqual(ids);
    expect(recorder.fetches).toHaveLength(1);
  });
});

test('a caption that is marked as internal keeps the whole album from the visitor', async () => {
  const recorder = new Recorder();
  await harness.withConversation({ recorder, first: 'human' }, async (conversation) => {
    await send(conversation, { attachments: [randomUUID()], album: { id: '43', place: 1 } });
    await send(conversation, {
      text: 'for us',
      internal: {},
      attachments: [randomUUID()],
      album: { id: '43', place: 2 },
    });
    await harness.env.sleep(10_000);
    await until(() => recorder.notes.length === 1, 'the note');
    expect(recorder.notes[0]).toMatchObject({ text: 'for us', agent });
    expect(recorder.fetches).toEqual([]);
    expect(heard(recorder)).toEqual([]);
  });
});

/** A recorder whose files come when its gate is opened. */
function slow(): { recorder: Recorder; come(): void } {
  const recorder = new Recorder();
  const gate = recorder.gate();
  recorder.fetch = async ({ fileIds }) => {
    await gate.opened;
    return fileIds.map((id) => ({ id }));
  };
  return { recorder, come: gate.open };
}

test('a mistyped command below an album is answered, and nobody outside sees any of it', async () => {
  const recorder = new Recorder();
  await harness.withConversation({ recorder, first: 'human' }, async (conversation) => {
    const internal = { mistake: 'There is no such command' };
    await send(conversation, { internal, attachments: [randomUUID()], album: { id: '44', place: 1 } });
    await send(conversation, { attachments: [randomUUID()], album: { id: '44', place: 2 } });
    await harness.env.sleep(10_000);
    await until(() => notices(recorder).includes('There is no such command'), 'the answer');
    expect(recorder.fetches).toEqual([]);
    expect(recorder.row).toMatchObject({ status: 'waiting', claimedBy: null });
    expect([...heard(recorder), ...recorder.notes]).toEqual([]);
  });
});

test('what becomes of the conversation while a file is fetched stays so when it comes', async () => {
  const { recorder, come } = slow();
  await harness.withConversation({ recorder, first: 'human' }, async (conversation) => {
    await send(conversation, { text: 'The bill', attachments: [randomUUID()] });
    await send(conversation, { text: 'Is it right?' });
    await ask(conversation, { name: 'canned', text: 'Good-bye!' });
    await ask(conversation, { name: 'close' });
    await until(() => recorder.row?.status === 'closed', 'the end');
    const before = recorder.eventNames.length;
    come();
    await until(() => heard(recorder).length === 3, 'what was said before');
    expect(heard(recorder)).toEqual(['The bill+1', 'Is it right?+0', 'Good-bye!+0']);
    await harness.atRest(conversation.handle);
    expect(recorder.row).toMatchObject({ status: 'closed', claimedBy: null });
    expect(recorder.eventNames.slice(before)).toEqual(['message.added', 'message.added', 'message.added']);
    expect(recorder.frames.at(-1)).toEqual({ type: 'conversation_closed' });
    expect(recorder.outbox.map(({ effect }) => effect.kind)).not.toContain('reopen_topic');
    expect(recorder.outbox.at(-1)?.effect).toMatchObject({ kind: 'message' });
  });
});

test('a conversation that is given back while a file is fetched is not claimed by it', async () => {
  const { recorder, come } = slow();
  await harness.withConversation({ recorder, first: 'human', claimPolicy: 'claim_first' }, async (conversation) => {
    await send(conversation, { text: 'The bill', attachments: [randomUUID()] });
    await send(conversation, { text: 'Mine too', agent: otherAgent, attachments: [randomUUID()] });
    await ask(conversation, { name: 'release' });
    await until(() => recorder.row?.status === 'new', 'the release');
    come();
    await until(() => notices(recorder).some((text) => text.startsWith('Not sent')), 'the answer to the other');
    expect(heard(recorder)).toEqual(['The bill+1']);
    expect(recorder.row).toMatchObject({ status: 'new', owner: 'flow', claimedBy: null });
    expect(recorder.fetches).toHaveLength(1);
  });
});

test('parts of albums that come late follow the others, in the next run too, and so do their captions', async () => {
  const recorder = new Recorder();
  await harness.withConversation({ recorder, first: 'human' }, async (conversation) => {
    const part = (id: string, place: number, more: Partial<AgentMessageSignal> = {}) =>
      send(conversation, { key: `tg:-9:${id}${place}`, attachments: [randomUUID()], album: { id, place }, ...more });
    await part('5', 1, { text: 'for us', internal: {} });
    await harness.env.sleep(10_000);
    await until(() => recorder.notes.length === 1, 'the note');
    await part('6', 2, { text: 'and here' });
    await part('6', 1, { text: 'Here', entities: [{ type: 'bold', offset: 0, length: 4 }] });
    await harness.env.sleep(10_000);
    await until(() => heard(recorder).length === 1, 'the album');
    const { messageId } = { messageId: recorder.messages.at(-1)?.id };

    const { runId } = await conversation.handle.describe();
    const again = async () =>
      (await harness.client.workflow.getHandle(conversation.handle.workflowId).describe()).runId;
    for (let turn = 0; (await again()) === runId && turn < 100; turn += 1) {
      await ask(conversation, { name: 'note', text: `${turn}` });
      await until(() => recorder.notes.length === turn + 2, 'a turn');
      // The time-skipping server refuses a signal between two runs.
      await harness.atRest(conversation.handle);
    }
    expect(await again()).not.toBe(runId);

    await part('5', 2);
    await part('6', 3);
    await harness.env.sleep(10_000);
    await until(() => heard(recorder).length === 2, 'the late part');
    expect(heard(recorder)).toEqual(['Here\nand here+2', '+1']);
    await edit(conversation, 'tg:-9:62', 'and there');
    await until(() => recorder.edits.length === 1, 'the edit');
    const entities = [{ type: 'bold', offset: 0, length: 4 }];
    expect(recorder.edits[0]).toMatchObject({ messageId, text: 'Here\nand there', entities });
    await edit(conversation, 'tg:-9:63', 'Late');
    await until(() => recorder.edits.length === 2, 'the other edit');
    expect(recorder.edits[1]).toMatchObject({ messageId: recorder.messages.at(-1)?.id, text: 'Late' });
    await edit(conversation, 'tg:-9:52', 'for you');
    await until(() => notices(recorder).some((text) => text.startsWith('The visitor does not get')), 'the answer');
    expect(recorder.edits).toHaveLength(2);
    expect(recorder.fetches).toHaveLength(2);
  });
});

test('whoever replaces a file, or adds one, is told that only words can be changed', async () => {
  const recorder = new Recorder();
  await harness.withConversation({ recorder, first: 'human' }, async (conversation) => {
    await send(conversation, { key: 'tg:-9:1', text: 'This', attachments: [randomUUID()], filePrint: 'A' });
    await send(conversation, { key: 'tg:-9:2', text: 'That' });
    await until(() => heard(recorder).length === 2, 'both');
    const told = () => notices(recorder).filter((text) => text.startsWith('Only the words'));
    await edit(conversation, 'tg:-9:1', 'This one', 'A');
    await until(() => recorder.edits.length === 1, 'the words');
    expect(told()).toEqual([]);
    await edit(conversation, 'tg:-9:1', 'This one', 'B');
    await edit(conversation, 'tg:-9:1', 'This one', 'C');
    await until(() => told().length === 1, 'the answer');
    await edit(conversation, 'tg:-9:2', 'That', 'D');
    await until(() => told().length === 2, 'the other answer');
    await harness.decided(conversation.handle);
    expect(recorder.edits.map(({ text }) => text)).toEqual(['This one', 'That']);
  });
});

test('an agent is told of a file that did not get through; the words do', async () => {
  const recorder = new Recorder();
  recorder.fetch = ({ fileIds }) => fileIds.map((id) => ({ id, refusal: 'too_large' }));
  await harness.withConversation({ recorder, first: 'human' }, async (conversation) => {
    await send(conversation, { text: 'See the film', attachments: [randomUUID()] });
    await until(() => heard(recorder).length === 1, 'the words');
    expect(heard(recorder)).toEqual(['See the film+0']);
    expect(notices(recorder).at(-1)).toBe(
      'The file did not reach the visitor: it is larger than the 20 MB that Telegram gives to bots.',
    );
  });
});

test('a file that cannot be fetched holds up what follows for some minutes only', async () => {
  const recorder = new Recorder();
  recorder.fetch = () => {
    throw ApplicationFailure.retryable('away', 'TelegramUnavailable');
  };
  await harness.withConversation({ recorder, first: 'human' }, async (conversation) => {
    await send(conversation, { key: 'tg:-9:1', attachments: [randomUUID()] });
    await send(conversation, { text: 'Did you get it?' });
    await until(() => recorder.fetches.length > 0, 'the first try');
    await harness.env.sleep(7 * 60_000);
    await until(() => heard(recorder).length === 1, 'what follows');
    expect(notices(recorder).at(-1)).toContain('it could not be fetched; send it again');
    await edit(conversation, 'tg:-9:1', 'The bill');
    await until(() => notices(recorder).at(-1)?.startsWith('The visitor does not get') === true, 'the answer');
    expect(recorder.edits).toEqual([]);
  });
});

test('a picture without a word is for a person', async () => {
  const recorder = new Recorder();
  await harness.withConversation({ recorder }, async ({ handle }) => {
    await until(() => recorder.texts.includes('bot: Hello!'), 'the greeting');
    const attachments = [randomUUID()];
    await handle.signal('visitorMessage', { clientMessageId: randomUUID(), text: '', attachments, receivedAt: 1 });
    await until(() => recorder.row?.status === 'waiting', 'the hand-over');
    expect(recorder.messages.filter(({ direction }) => direction === 'INBOUND').at(-1)).toMatchObject({ attachments });
    expect(recorder.texts.at(-1)).toBe(`bot: ${copy.handover}`);
    expect(recorder.questions).toEqual([]);
  });
});
