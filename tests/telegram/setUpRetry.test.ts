import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBotAccount } from '../../channels/telegram/createBotAccount.ts';
import { createBotCaller } from '../../channels/telegram/createBotCaller.ts';
import { retryIntroduction } from '../../channels/telegram/introduceBot.ts';
import type { ChannelView } from '../../contracts/channel.ts';
import type { Diagnosis } from '../../contracts/diagnosis.ts';
import { type DeskTenant, startTelegramStack, type TelegramStack } from './fixtures/startTelegramStack.ts';

describe('a bot of which Telegram does not hear at once', () => {
  let telegram: TelegramStack;
  let tenant: DeskTenant;
  let group: Awaited<ReturnType<TelegramStack['group']>>;

  beforeAll(async () => {
    telegram = await startTelegramStack();
  });
  beforeEach(async () => {
    tenant = await telegram.tenant();
    group = await telegram.group();
    await telegram.emulator.setPrivacy({ botId: group.botId, readsAllMessages: true });
  });
  afterAll(() => telegram.stop());

  const fail = (count: number) =>
    telegram.emulator.injectFault({
      kind: 'serverError',
      method: 'setWebhook',
      botId: group.botId,
      afterWork: false,
      count,
    });
  async function connect() {
    const body = { groupId: String(group.groupId), botTokens: [group.token] };
    const answer = await tenant.call('channels/telegram', { body });
    expect([200, 201]).toContain(answer.status);
    return answer.body as { channel: ChannelView; diagnosis: Diagnosis };
  }
  const codesOf = ({ problems }: Diagnosis) => problems.map(({ code }) => code);
  const diagnosisOf = async ({ id }: ChannelView) =>
    (await tenant.call(`channels/${id}/diagnosis`)).body as unknown as Diagnosis;
  const webhook = async () => {
    const answer = await fetch(`${telegram.emulator.url}/bot${group.token}/getWebhookInfo`);
    return ((await answer.json()) as { result: { url: string } }).result.url;
  };

  it('is told again until it hears; the diagnosis says so meanwhile, and what agents wrote arrives', async () => {
    await connect();
    const { visitor, threadId } = await telegram.visit(tenant, group.groupId, 'Anybody?');
    await fail(2);
    const { channel, diagnosis } = await connect();
    expect(codesOf(diagnosis)).toEqual(['webhook_outdated']);
    expect(diagnosis.problems[0]?.problem).toContain('has not heard of the present one');
    await telegram.emulator.postMessage({ groupId: group.groupId, threadId, text: 'I am here' });
    await expect
      .poll(async () => codesOf(await diagnosisOf(channel)), { timeout: 10_000 })
      .not.toContain('webhook_outdated');
    await visitor.message('I am here');
  });

  it('says of a first set-up that the webhook is missing, and mends it by itself, whatever else is changed', async () => {
    await fail(1);
    const { channel, diagnosis } = await connect();
    expect(codesOf(diagnosis)).toEqual(['webhook_missing']);
    await tenant.call(`channels/${channel.id}`, { method: 'PATCH', body: { settings: { note: 'The night shift' } } });
    await expect.poll(async () => (await diagnosisOf(channel)).ready, { timeout: 10_000 }).toBe(true);
  });

  it('is not told of what is no more: of two set-ups the newer one stays, and none that was removed comes back', async () => {
    await fail(1);
    await connect();
    await connect();
    const [replaced, newest] = [group, await webhook()];
    const removed = await telegram.group();
    group = removed;
    await fail(1);
    const { channel } = await connect();
    expect((await tenant.call(`channels/${channel.id}`, { method: 'DELETE' })).status).toBe(204);
    // Its second try comes after theirs would have.
    group = await telegram.group();
    await fail(2);
    await connect();
    await expect.poll(webhook, { timeout: 10_000 }).not.toBe('');
    group = replaced;
    expect(await webhook()).toBe(newest);
    group = removed;
    expect(await webhook()).toBe('');
  });

  it('is given up where it is not wanted any more, and where Telegram says no', async () => {
    const account = createBotAccount(createBotCaller({ token: group.token, apiRoot: telegram.emulator.url }));
    const introduction = { chatId: String(group.groupId), webhook: { url: 'https://old.example/', headerSecret: 'x' } };
    const { signal } = new AbortController();
    const failure = { kind: 'unavailable', description: 'status 502' } as const;
    const retry = (isWanted: () => Promise<boolean>) =>
      retryIntroduction(account, introduction, failure, { signal, isWanted });
    expect(await retry(async () => false)).toBeUndefined();
    expect(await webhook()).toBe('');
    await telegram.emulator.revokeToken({ botId: group.botId });
    expect(await retry(async () => true)).toMatchObject({ ok: false, failure: { kind: 'parked' } });
  });
});
