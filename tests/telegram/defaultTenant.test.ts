import { randomInt } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { AGENT_COMMANDS } from '../../channels/telegram/agentCommands.ts';
import { readEnv } from '../../config/env.ts';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { deleteChannel } from '../../db/queries/channels/deleteChannel.ts';
import { findChannel } from '../../db/queries/channels/findChannel.ts';
import { saveChannelConnection } from '../../db/queries/saveChannelConnection.ts';
import { startTelegramEmulator, type TelegramEmulator } from '../../dev/telegram/startTelegramEmulator.ts';
import { openKeys } from '../../runtime/openKeys.ts';
import { connectDefaultTelegram } from '../../worker/connectDefaultTelegram.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { TEST_MASTER_KEY } from '../db/fixtures/wordsOf.ts';

/** Of this file alone: a bot belongs to one tenant of a database. */
const BOT_ID = randomInt(1_000_000, 1_000_000_000);
const BOT_TOKEN = `${BOT_ID}:the-bot-of-the-environment`;

describe("the first tenant's Telegram, as the environment names it", () => {
  let db: Db;
  let emulator: TelegramEmulator;
  let groupId: number;
  let logs: { level: string; code: unknown }[];
  let retried: string[];

  beforeAll(async () => {
    await migrate(inject('servers').ownerUrl);
    db = createDb(inject('servers').appUrl, { poolSize: 2 });
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    groupId = -1_006_000_000_000 - randomInt(1, 1_000_000_000);
    logs = [];
    retried = [];
    emulator = await startTelegramEmulator({ limits: 'off', seed: { botToken: BOT_TOKEN, groupId } });
  });
  afterEach(async () => {
    await emulator.stop();
    const account = { type: 'telegram', channelId: String(groupId) } as const;
    const made = await findChannel(db, DEFAULT_TENANT_ID, account);
    const ref = { tenantId: DEFAULT_TENANT_ID, connectionId: made?.id ?? DEFAULT_TENANT_ID };
    await deleteChannel(db, ref, { actor: { kind: 'system', id: null } });
  });

  /** What a worker does when it starts. */
  async function start(more: Record<string, string> = {}): Promise<void> {
    const env = readEnv({
      DATABASE_URL: inject('servers').appUrl,
      CONVERSATION_JWT_SECRET: 'x'.repeat(32),
      MASTER_KEY: TEST_MASTER_KEY,
      BOT_TOKEN,
      SUPPORT_GROUP_ID: String(groupId),
      TELEGRAM_API_ROOT: emulator.url,
      ...more,
    });
    const logTo = (level: string) => (fields: { code?: unknown }) => void logs.push({ level, code: fields.code });
    const logger = { info: logTo('info'), warn: logTo('warn'), error: logTo('error') };
    const introduce = await connectDefaultTelegram({
      env,
      db,
      secrets: openKeys(env, db).secrets,
      retryDeliveries: async (tenantId) => void retried.push(tenantId),
      logger,
    });
    await introduce?.(new AbortController().signal);
  }
  const webhook = async () => {
    const answer = await fetch(`${emulator.url}/bot${BOT_TOKEN}/getWebhookInfo`);
    return ((await answer.json()) as { result: { url: string } }).result.url;
  };

  it('gets its menu, and by an https address its webhook, the same from every worker', async () => {
    await start();
    expect(await webhook()).toBe('');
    expect(await emulator.listCommands({ botId: BOT_ID })).toHaveLength(AGENT_COMMANDS.length);
    await start({ PUBLIC_URL: 'https://parley.example' });
    const url = await webhook();
    expect(url).toMatch(/^https:\/\/parley\.example\/v1\/telegram\/webhook\/[\w-]{40,}$/);
    await start({ PUBLIC_URL: 'https://parley.example' });
    expect(await webhook()).toBe(url);
    await start({ PUBLIC_URL: 'https://parley.example', WEBHOOK_SECRET: 'a-secret-that-is-given' });
    expect(await webhook()).toBe('https://parley.example/v1/telegram/webhook/a-secret-that-is-given');
  });

  it('has what waited delivered when its group is new, and is left alone after that', async () => {
    await start();
    expect(retried).toEqual([DEFAULT_TENANT_ID]);
    await start();
    expect(retried).toEqual([DEFAULT_TENANT_ID]);
  });

  it('is told in the log what is wrong', async () => {
    await emulator.setRights({ userId: BOT_ID, rights: { can_manage_topics: false, can_pin_messages: false } });
    await start({ TELEGRAM_MODE: 'webhook' });
    expect(logs).toEqual([
      { level: 'error', code: 'cannot_manage_topics' },
      { level: 'warn', code: 'cannot_pin_messages' },
      { level: 'info', code: 'privacy_mode_on' },
      { level: 'error', code: 'public_url_missing' },
    ]);
  });

  it('is not connected to a group that another tenant has', async () => {
    const { tenantId } = await createTenant(db);
    const id = crypto.randomUUID();
    await saveChannelConnection(db, { tenantId, id, type: 'telegram', channelId: String(groupId) });
    await start();
    expect(logs).toEqual([{ level: 'error', code: 'group_taken' }]);
    const account = { type: 'telegram', channelId: String(groupId) } as const;
    expect(await findChannel(db, DEFAULT_TENANT_ID, account)).toBeUndefined();
  });

  it('is not connected by a bot that another tenant has', async () => {
    const { tenantId } = await createTenant(db);
    const theirs = { tenantId, id: crypto.randomUUID(), type: 'telegram', channelId: `${groupId}1` } as const;
    await saveChannelConnection(db, { ...theirs, botIds: [String(BOT_ID)] });
    await start();
    expect(logs).toEqual([{ level: 'error', code: 'bot_taken' }]);
    const account = { type: 'telegram', channelId: String(groupId) } as const;
    expect(await findChannel(db, DEFAULT_TENANT_ID, account)).toBeUndefined();
    await saveChannelConnection(db, { ...theirs, status: 'disabled' });
  });
});
