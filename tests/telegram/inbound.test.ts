import { createHash } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { Client } from 'pg';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createTelegramIntake } from '../../api/telegram/intake.ts';
import { startTelegramPoller, type TelegramPoller } from '../../api/telegram/poller.ts';
import { registerFile } from '../../api/telegram/registerFile.ts';
import { telegramRoutes } from '../../api/telegram/routes.ts';
import type { AgentCommandSignal, AgentMessageSignal } from '../../contracts/conversation.ts';
import { CodedError } from '../../contracts/errors.ts';
import { tenantSettingsSchema } from '../../contracts/tenantSettings.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import { migrate } from '../../db/migrate.ts';
import { moveGroup } from '../../db/queries/channels/moveGroup.ts';
import { findChannelByWebhook } from '../../db/queries/findChannelByWebhook.ts';
import { findConversationByTopic } from '../../db/queries/findConversationByTopic.ts';
import { listChannelConnections } from '../../db/queries/listChannelConnections.ts';
import { findMirrored } from '../../db/queries/outbox/findMirrored.ts';
import { saveChannelConnection } from '../../db/queries/saveChannelConnection.ts';
import { createDeliveryRetry } from '../../runtime/createDeliveryRetry.ts';
import { wordsOf } from '../db/fixtures/wordsOf.ts';
import { testLimits } from '../support/testLimits.ts';
import { BOT_TOKEN, createDesk, type Desk } from './fixtures/createDesk.ts';

/** Locks belong to a database: in this one no poller of another test competes. */
function leaderUrl(): string {
  const url = new URL(inject('servers').appUrl);
  url.pathname = '/postgres';
  return url.href;
}

const HEADER = 'x-telegram-bot-api-secret-token';
const HEADER_SECRET = 'a-header-secret-of-the-test';

describe('what agents write in Telegram', () => {
  let desk: Desk;
  let conversationId: string;
  let threadId: number;
  let signals: (AgentMessageSignal | AgentCommandSignal)[];
  let repaired: ConversationRef[];
  let troubles: string[];
  let engineDown: number;
  let app: FastifyInstance;
  let secret: string;
  let pollers: TelegramPoller[];

  beforeAll(() => migrate(inject('servers').ownerUrl));

  beforeEach(async () => {
    desk = await createDesk(inject('servers').appUrl);
    const chat = desk.conversation();
    conversationId = chat.ref.conversationId;
    await chat.says('Hello');
    await chat.drain();
    threadId = (await desk.emulator.listTopics())[0]?.threadId ?? 0;
    signals = [];
    repaired = [];
    troubles = [];
    engineDown = 0;
    pollers = [];
    secret = `path-secret-${desk.tenantId}`;
    const [connection] = await listChannelConnections(desk.db, desk.tenantId, 'telegram');
    if (!connection) throw new Error('not connected');
    await saveChannelConnection(desk.db, {
      ...connection,
      secrets: Buffer.from(JSON.stringify({ botTokens: [BOT_TOKEN], headerSecret: HEADER_SECRET })),
      webhookSecretHash: createHash('sha256').update(secret).digest(),
    });
    desk.telegram.forget(desk.tenantId);
    app = Fastify();
    app.setValidatorCompiler(validatorCompiler);
    app.setSerializerCompiler(serializerCompiler);
    app.setErrorHandler((error, _request, reply) => {
      const status =
        error instanceof CodedError ? error.status : ((error as { statusCode?: number }).statusCode ?? 500);
      return reply.status(status).send({});
    });
    const findChannel = (hash: Buffer) => findChannelByWebhook(desk.db, hash);
    await app.register(telegramRoutes, {
      findChannel,
      telegram: desk.telegram,
      limits: testLimits(),
      intake: intake(),
    });
  });

  afterEach(async () => {
    await Promise.all(pollers.map((poller) => poller.stop()));
    await app.close();
    await desk.close();
  });

  function failWhileDown(): void {
    if (engineDown === 0) return;
    engineDown -= 1;
    throw new CodedError('engine_unavailable', 'down');
  }

  function intake() {
    const accept = async (ref: unknown, signal: AgentMessageSignal | AgentCommandSignal) => {
      failWhileDown();
      expect(ref).toEqual({ tenantId: desk.tenantId, conversationId });
      signals.push(signal);
    };
    return createTelegramIntake({
      findConversation: (tenantId, topic) => findConversationByTopic(desk.db, tenantId, topic),
      telegram: desk.telegram,
      retryParked: createDeliveryRetry({
        db: desk.db,
        tell: async (ref) => {
          failWhileDown();
          repaired.push(ref);
        },
        logger: { warn: () => {} },
      }).retryParked,
      findMirrored: (ref, telegramMessageId) => findMirrored(desk.db, ref, telegramMessageId),
      agentsSettings: async () => tenantSettingsSchema.parse({}).agents,
      registerFile: (ref, key, file) => registerFile({ db: desk.db, words: wordsOf(desk.db) }, ref, key, file),
      engine: {
        signalAgentMessage: accept,
        signalAgentCommand: accept,
        signalAgentEdit: async () => {},
        command: async () => {
          throw new CodedError('engine_unavailable', 'down');
        },
      },
      limits: testLimits(),
      moveGroup: (tenantId, upgrade) => moveGroup(desk.db, { tenantId, ...upgrade }),
      reportTrouble: async (_tenantId, { trouble }) => void troubles.push(trouble),
      reportMisplaced: async () => void troubles.push('misplaced'),
      logger: { debug: () => {}, error: () => {} },
    });
  }

  function poll(): TelegramPoller {
    const quiet = { warn: () => {}, error: () => {} };
    const poller = startTelegramPoller({
      databaseUrl: leaderUrl(),
      listTenants: async () => [desk.tenantId],
      telegram: desk.telegram,
      intake: intake(),
      logger: quiet,
    });
    pollers.push(poller);
    return poller;
  }

  const post = async (payload: string, options: { secret?: string; header?: string } = {}) => {
    const headers = {
      'content-type': 'application/json',
      ...(options.header !== '' && { [HEADER]: options.header ?? HEADER_SECRET }),
    };
    const url = `/v1/telegram/webhook/${options.secret ?? secret}`;
    return await app.inject({ method: 'POST', url, headers, payload });
  };
  const newestUpdate = async () => {
    const updates = await desk.emulator.listUpdates({ kind: 'message' });
    return JSON.stringify(updates.filter(({ message }) => message?.text).at(-1));
  };
  const texts = () => signals.map((signal) => ('text' in signal ? signal.text : signal.command.name));

  it('hands a message on by webhook, with the key that makes a repetition harmless', async () => {
    const { messageId } = await desk.emulator.postMessage({ threadId, text: 'On its way' });
    const update = await newestUpdate();
    for (let times = 0; times < 2; times += 1) {
      const answer = await post(update);
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toEqual({ ok: true });
    }
    const key = expect.stringMatching(new RegExp(`^tg:-\\d+:${messageId}$`));
    expect(signals).toEqual(
      Array(2).fill({ key, agent: expect.objectContaining({ name: 'Agent A' }), text: 'On its way', entities: [] }),
    );
  });

  it.each([
    ['a wrong secret', { secret: 'wrong' }, 404],
    ['a wrong secret and broken JSON', { secret: 'wrong', body: '{' }, 404],
    ['no header', { header: '' }, 401],
    ['a wrong header', { header: 'wrong' }, 401],
    ['broken JSON', { body: '{"update_id":' }, 200],
    ['no body', { body: '' }, 200],
    ['something else', { body: '[1]' }, 200],
    ['too much', { body: `"${'x'.repeat(2_000_000)}"` }, 413],
  ])('answers %s', async (_name, options, status) => {
    const { body = '{}', ...rest } = options as { body?: string; secret?: string; header?: string };
    const answer = await post(body, rest);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual(status === 200 ? { ok: true } : {});
    expect(signals).toEqual([]);
  });

  it('lets Telegram repeat the update while the engine is down', async () => {
    await desk.emulator.postMessage({ threadId, text: 'Hi' });
    engineDown = 1;
    expect((await post(await newestUpdate())).statusCode).toBe(503);
    expect((await post(await newestUpdate())).statusCode).toBe(200);
    expect(texts()).toEqual(['Hi']);
  });

  it('lets Telegram repeat the update while the database is down', async () => {
    await desk.emulator.postMessage({ threadId, text: 'Hi' });
    await desk.db.close();
    expect((await post(await newestUpdate())).statusCode).toBe(503);
    desk.db.close = async () => {};
  });

  it('asks for the update again when the agent was quicker than the note of the topic that a bot has just made', async () => {
    const { threadId: unknown } = await desk.emulator.createTopic({ name: 'Just made' });
    await desk.emulator.postMessage({ threadId: unknown, text: 'So quick' });
    const update = JSON.parse(await newestUpdate());
    const start = (madeAt: number, is_bot: boolean) => {
      const { reply_to_message: made } = update.message;
      const reply_to_message = { ...made, date: Math.floor(madeAt / 1_000), from: { ...made.from, is_bot } };
      return JSON.stringify({ ...update, message: { ...update.message, reply_to_message } });
    };
    expect((await post(start(Date.now(), true))).statusCode).toBe(503);
    // One of the agents' own, and one that is nobody's after so long.
    expect((await post(start(Date.now(), false))).statusCode).toBe(200);
    expect((await post(start(Date.now() - 60_000, true))).statusCode).toBe(200);
    expect(signals).toEqual([]);
  });

  it('keeps to itself what is said elsewhere, and what other bots are told', async () => {
    const other = await desk.emulator.createTopic({ name: 'Coffee' });
    await desk.emulator.postMessage({ threadId: other.threadId, text: 'Lunch?' });
    await desk.emulator.postMessage({ text: 'General' });
    await desk.emulator.postMessage({ threadId, text: '/close@some_other_bot' });
    const me = await (await desk.telegram.connectionsOf(desk.tenantId))[0]?.bots[0]?.client.getMe();
    await desk.emulator.postMessage({ threadId, text: `/claim@${me?.ok ? me.value.username : ''}` });
    for (const update of await desk.emulator.listUpdates()) await post(JSON.stringify(update));
    expect(texts()).toEqual(['claim']);
  });

  it('polls: in order, and again until the engine took it', async () => {
    engineDown = 2;
    for (const text of ['one', '/claim', 'two']) await desk.emulator.postMessage({ threadId, text });
    poll();
    await expect.poll(texts, { timeout: 10_000 }).toEqual(['one', 'claim', 'two']);
    expect(engineDown).toBe(0);
    await desk.emulator.postMessage({ threadId, text: 'three' });
    await expect.poll(texts, { timeout: 5_000 }).toEqual(['one', 'claim', 'two', 'three']);
    // Confirmed: nothing waits at Telegram any more.
    await expect.poll(() => desk.emulator.listUpdates(), { timeout: 5_000 }).toEqual([]);
  });

  it.each([
    ['kicked', ['kicked']],
    ['kicked, then let in as a plain member', ['kicked', 'not_administrator']],
    ['rights', ['rights_missing']],
  ])('tells the conversations that are parked, and no others, of a repair (%s)', async (damage, told) => {
    const botId = 4711;
    const rights = (can_manage_topics: boolean) =>
      desk.emulator.setRights({ userId: botId, rights: { can_manage_topics } });
    poll();
    await (damage === 'rights' ? rights(false) : desk.emulator.kick({ userId: botId }));
    const parked = desk.conversation();
    await parked.says('Is anybody there?');
    expect(await parked.deliver()).toMatchObject({ kind: 'parked' });
    expect(repaired).toEqual([]);
    await expect.poll(() => troubles).toEqual(told.slice(0, 1));
    const status = damage === 'kicked' ? 'administrator' : 'member';
    await (damage === 'rights' ? rights(true) : desk.emulator.addMember({ userId: botId, status }));
    await expect.poll(() => repaired, { timeout: 10_000 }).toEqual([parked.ref]);
    expect(troubles).toEqual(told);
  });

  it('hears of a repair again until every conversation that is parked has', async () => {
    poll();
    await desk.emulator.kick({ userId: 4711 });
    const parked = desk.conversation();
    await parked.says('Is anybody there?');
    await parked.deliver();
    engineDown = 2;
    await desk.emulator.addMember({ userId: 4711, status: 'administrator' });
    await expect.poll(() => repaired, { timeout: 10_000 }).toEqual([parked.ref]);
    expect(engineDown).toBe(0);
  });

  it('hears of an upgraded group again, which has moved by then, until every conversation that is parked has', async () => {
    const parked = desk.conversation();
    await desk.emulator.setForum({ isForum: false });
    await parked.says('Is anybody there?');
    expect(await parked.deliver()).toMatchObject({ kind: 'parked' });
    const newGroupId = desk.groupId * 10;
    await desk.emulator.upgradeGroup({ newGroupId });
    const updates = (await desk.emulator.listUpdates({ kind: 'message' })).map((update) => JSON.stringify(update));
    const [moved = ''] = updates.filter((update) => update.includes('migrate_to_chat_id'));
    engineDown = 1;
    expect((await post(moved)).statusCode).toBe(503);
    expect(await desk.telegram.connectionsOf(desk.tenantId)).toMatchObject([{ chatId: String(newGroupId) }]);
    expect(repaired).toEqual([]);
    expect((await post(moved)).statusCode).toBe(200);
    expect(repaired).toEqual([parked.ref]);
  });

  it('reports a bot that is no administrator any more, which hears no answers in privacy mode', async () => {
    poll();
    await desk.emulator.setStatus({ userId: 4711, status: 'member' });
    await expect.poll(() => troubles, { timeout: 5_000 }).toEqual(['not_administrator']);
    await desk.emulator.postMessage({ threadId, text: 'An answer that nobody hears' });
    await desk.emulator.postMessage({ threadId, text: '/close' });
    await expect.poll(texts, { timeout: 5_000 }).toEqual(['close']);
    expect(repaired).toEqual([]);
  });

  it('answers a command in the General topic by a notice', async () => {
    poll();
    await desk.emulator.postMessage({ text: '/claim' });
    await desk.emulator.postMessage({ text: '/claim@some_other_bot' });
    await desk.emulator.postMessage({ threadId, text: 'one' });
    await expect.poll(texts, { timeout: 5_000 }).toEqual(['one']);
    expect(troubles).toEqual(['misplaced']);
  });

  it('answers a press whose conversation nobody knows any more', async () => {
    const [connection] = await desk.telegram.connectionsOf(desk.tenantId);
    const { threadId: unknown } = await desk.emulator.createTopic({ name: 'Nobody’s' });
    const buttons = [[{ label: 'Claim', order: '/claim' }]];
    const topic = { chatId: String(desk.groupId), threadId: String(unknown) };
    const sent = await connection?.bots[0]?.client.send(topic, { text: 'An old card', entities: [], buttons }, true);
    const messageId = sent?.ok ? Number(sent.value.messageId) : 0;
    poll();
    const { callbackQueryId } = await desk.emulator.pressButton({ messageId, data: '/claim' });
    await expect
      .poll(() => desk.emulator.callbackAnswer({ callbackQueryId }), { timeout: 5_000 })
      .toEqual({ text: 'This button belongs to no conversation any more.', showAlert: true });
    expect(signals).toEqual([]);
  });

  it('survives conflicts and errors of getUpdates', async () => {
    await desk.emulator.injectFault({ kind: 'serverError', method: 'getUpdates', code: 502, body: 'html' });
    const description = 'Conflict: terminated by other getUpdates request';
    await desk.emulator.injectFault({ kind: 'refuse', method: 'getUpdates', code: 409, description });
    await desk.emulator.postMessage({ threadId, text: 'one' });
    poll();
    await expect.poll(texts, { timeout: 10_000 }).toEqual(['one']);
  });

  it('polls in one process at a time; another takes over from one that stops, and from one whose connection dies', async () => {
    const first = poll();
    await desk.emulator.postMessage({ threadId, text: 'one' });
    await expect.poll(texts, { timeout: 5_000 }).toEqual(['one']);
    poll();
    const startedAt = performance.now();
    await first.stop();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await desk.emulator.postMessage({ threadId, text: 'two' });
    await expect.poll(texts, { timeout: 5_000 }).toEqual(['one', 'two']);

    poll();
    const admin = new Client({ connectionString: leaderUrl() });
    await admin.connect();
    const killed = await admin.query(
      `SELECT pg_terminate_backend(l.pid) FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND l.pid <> pg_backend_pid() AND l.pid IN (SELECT pid FROM pg_stat_activity WHERE application_name = 'parley-leader')`,
    );
    await admin.end();
    expect(killed.rowCount).toBe(1);
    await desk.emulator.postMessage({ threadId, text: 'three' });
    await expect.poll(texts, { timeout: 5_000 }).toEqual(['one', 'two', 'three']);
  });
});
