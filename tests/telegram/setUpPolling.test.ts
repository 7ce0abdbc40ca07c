import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChannelView } from '../../contracts/channel.ts';
import type { Diagnosis } from '../../contracts/diagnosis.ts';
import { createOwnDatabase, type OwnDatabase } from '../support/ownDatabase.ts';
import { startTelegramStack, type TelegramStack } from './fixtures/startTelegramStack.ts';

describe('setting up a Telegram group whose updates are polled', () => {
  let database: OwnDatabase;
  let telegram: TelegramStack;

  beforeAll(async () => {
    // One process of a database polls: here it must be this one.
    database = await createOwnDatabase();
    telegram = await startTelegramStack({
      servers: { databaseUrl: database.appUrl },
      worker: false,
      overrides: { TELEGRAM_MODE: 'polling' },
    });
  });
  afterAll(async () => {
    await telegram?.stop();
    await database?.drop();
  });

  it('offers the commands in another group though Telegram has not heard of the first one', async () => {
    const tenant = await telegram.tenant();
    const { groupId, botId, token } = await telegram.group();
    const { groupId: otherId } = await telegram.group();
    await telegram.emulator.addMember({ groupId: otherId, userId: botId });
    const connect = (id: number) =>
      tenant.call('channels/telegram', { body: { groupId: String(id), botTokens: [token] } });
    const fault = { kind: 'serverError', method: 'setMyCommands', botId, afterWork: false } as const;
    await telegram.emulator.injectFault({ ...fault, count: 1 });
    await connect(groupId);
    await connect(otherId);
    expect(await telegram.emulator.listCommands({ botId })).toContainEqual(
      expect.objectContaining({ command: 'claim' }),
    );
  });

  it('tells of a webhook that is in the way, and sees it removed', async () => {
    const tenant = await telegram.tenant();
    const { groupId, botId, token } = await telegram.group();
    await telegram.emulator.setPrivacy({ botId, readsAllMessages: true });
    const callBot = (method: string) => fetch(`${telegram.emulator.url}/bot${token}/${method}`);
    const body = { groupId: String(groupId), botTokens: [token] };
    const { channel } = (await tenant.call('channels/telegram', { body })).body as { channel: ChannelView };
    const diagnose = async () => (await tenant.call(`channels/${channel.id}/diagnosis`)).body as unknown as Diagnosis;
    expect(await diagnose()).toMatchObject({ ready: true, updates: 'polling', problems: [] });

    // What waited for the bot was read, so the poller has removed the webhooks that it found; another program sets one now.
    await telegram.emulator.postMessage({ groupId, text: 'Is anybody reading?' });
    await expect.poll(() => telegram.emulator.listUpdates({ botId })).toEqual([]);
    await callBot('setWebhook?url=https://elsewhere.example/secret-path');
    const diagnosis = await diagnose();
    const problems = [{ code: 'webhook_in_the_way', severity: 'blocking', botId: String(botId) }];
    expect(diagnosis).toMatchObject({ ready: false, updates: 'polling', problems });
    expect(JSON.stringify(diagnosis)).not.toContain('secret-path');

    await callBot('deleteWebhook');
    expect(await diagnose()).toMatchObject({ ready: true, problems: [] });
  });
});
