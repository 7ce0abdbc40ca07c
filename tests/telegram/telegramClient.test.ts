import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTelegramClient } from '../../channels/telegram/createTelegramClient.ts';
import { startTelegramEmulator, type TelegramEmulator } from '../../dev/telegram/startTelegramEmulator.ts';
import { BOT_TOKEN, CALL_TIMEOUT_MS, GROUP_ID } from './fixtures/createDesk.ts';

const chatId = String(GROUP_ID);
const content = { text: 'Hello', entities: [{ type: 'bold' as const, offset: 0, length: 5 }] };

describe('the Telegram client', () => {
  let emulator: TelegramEmulator;

  beforeEach(async () => {
    emulator = await startTelegramEmulator({ limits: 'off', seed: { botToken: BOT_TOKEN, groupId: GROUP_ID } });
  });
  afterEach(() => emulator.stop());

  const client = (apiRoot = emulator.url) =>
    createTelegramClient({ token: BOT_TOKEN, apiRoot, timeoutMs: CALL_TIMEOUT_MS });

  it('does in a topic what it is asked for', async () => {
    const bot = client();
    const created = await bot.createTopic(chatId, 'T');
    if (!created.ok) throw new Error(created.failure.kind);
    const topic = { chatId, threadId: created.value.threadId };
    expect(await bot.send(topic, content, true)).toMatchObject({ ok: true });
    expect(await bot.renameTopic(topic, 'T')).toEqual({ ok: true, value: undefined });
    expect(await bot.closeTopic(topic)).toMatchObject({ ok: true });
    expect(await bot.closeTopic(topic)).toMatchObject({ ok: true });
    const [first] = (await emulator.listMessages({ threadId: Number(topic.threadId) })).filter(
      ({ message }) => message.text,
    );
    expect(first?.message).toMatchObject({ text: 'Hello', entities: [{ type: 'bold', offset: 0, length: 5 }] });
    expect(await bot.deleteTopic(topic)).toMatchObject({ ok: true });
    expect(await bot.send(topic, content, true)).toEqual({ ok: false, failure: { kind: 'topic_gone' } });
  });

  it.each([
    [
      { kind: 'retryAfter', seconds: 7 },
      { kind: 'throttled', retryAfterMs: 7_000 },
    ],
    [
      { kind: 'serverError', code: 500, body: 'html' },
      { kind: 'unavailable', description: 'status 500' },
    ],
    [
      { kind: 'serverError', code: 504, body: 'json' },
      { kind: 'unknown_outcome', description: 'gateway timeout' },
    ],
    [{ kind: 'hang' }, { kind: 'unknown_outcome', description: 'AbortError' }],
    [
      { kind: 'refuse', description: 'Bad Request: odd' },
      { kind: 'rejected', description: 'Bad Request: odd' },
    ],
    [
      { kind: 'refuse', code: 403, description: 'Forbidden: bot was kicked' },
      { kind: 'parked', reason: 'kicked' },
    ],
    [
      { kind: 'refuse', description: 'Bad Request: chat not found' },
      { kind: 'parked', reason: 'group_gone' },
    ],
    [
      { kind: 'refuse', description: 'Bad Request: CHANNEL_PRIVATE' },
      { kind: 'parked', reason: 'group_gone' },
    ],
    [
      { kind: 'refuse', description: 'Bad Request: CHAT_SEND_PLAIN_FORBIDDEN' },
      { kind: 'parked', reason: 'rights_missing' },
    ],
    [
      { kind: 'refuse', description: 'Bad Request: not enough rights to send text messages to the chat' },
      { kind: 'parked', reason: 'rights_missing' },
    ],
    [
      { kind: 'refuse', description: 'Bad Request: not enough rights to send voice notes to the chat' },
      { kind: 'rejected' },
    ],
    [{ kind: 'refuse', code: 403, description: 'Forbidden: CHAT_SEND_PHOTOS_FORBIDDEN' }, { kind: 'rejected' }],
    [
      { kind: 'refuse', code: 401, description: 'Unauthorized' },
      { kind: 'parked', reason: 'token_revoked' },
    ],
  ] as const)('tells what the provider said from what the network did: %o', async (fault, expected) => {
    await emulator.injectFault({ ...fault, method: 'createForumTopic' });
    const result = await client().createTopic(chatId, 'T');
    expect(result.ok ? undefined : result.failure).toMatchObject(
      expected.kind === 'unknown_outcome' ? { kind: 'unknown_outcome' } : expected,
    );
  });

  it('knows that nothing was written when it could not connect', async () => {
    const { url } = emulator;
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    await new Promise((resolve) => silent.close(resolve));
    for (const apiRoot of [`http://127.0.0.1:${port}`, `https://127.0.0.1:${port}`, url.replace('http:', 'https:')]) {
      expect(await client(apiRoot).createTopic(chatId, 'T')).toMatchObject({ failure: { kind: 'unavailable' } });
    }
  });

  it('does not know what became of a request whose connection was lost', async () => {
    await emulator.injectFault({ kind: 'drop', method: 'createForumTopic', afterWork: true });
    expect(await client().createTopic(chatId, 'T')).toMatchObject({ failure: { kind: 'unknown_outcome' } });
    expect(await emulator.listTopics()).toHaveLength(1);
  });

  it('lets the token into nothing that it returns', async () => {
    for (const kind of ['drop', 'hang', 'serverError', 'refuse'] as const) {
      await emulator.injectFault({ kind, method: 'createForumTopic' });
      expect(inspect(await client().createTopic(chatId, 'T'), { depth: 9 })).not.toContain(BOT_TOKEN.slice(5));
    }
    const broken = await client('http://[::1').createTopic(chatId, 'T');
    expect(inspect(broken, { depth: 9 })).not.toContain(BOT_TOKEN.slice(5));
  });
});
