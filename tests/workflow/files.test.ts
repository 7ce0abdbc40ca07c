import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AgentMessageSignal } from '../../contracts/conversation.ts';
import { agentMessageSignal } from '../../workflows/conversation/messages.ts';
import { type Conversation, type Harness, startHarness } from './conversationHarness.ts';
import { agent, copy } from './fixtures.ts';
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
    await send(conversation, { text: '// for us', attachments: [randomUUID()], album: { id: '43', place: 2 } });
    await harness.env.sleep(10_000);
    await until(() => recorder.notes.length === 1, 'the note');
    expect(recorder.notes[0]).toMatchObject({ text: 'for us', agent });
    expect(recorder.fetches).toEqual([]);
    expect(heard(recorder)).toEqual([]);
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
    await send(conversation, { attachments: [randomUUID()] });
    await send(conversation, { text: 'Did you get it?' });
    await until(() => recorder.fetches.length > 0, 'the first try');
    await harness.env.sleep(7 * 60_000);
    await until(() => heard(recorder).length === 1, 'what follows');
    expect(notices(recorder).at(-1)).toContain('it could not be fetched; send it again');
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
