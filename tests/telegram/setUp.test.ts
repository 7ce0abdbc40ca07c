import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_COMMANDS } from '../../channels/telegram/agentCommands.ts';
import type { ChannelView } from '../../contracts/channel.ts';
import type { Diagnosis, ProblemCode } from '../../contracts/diagnosis.ts';
import { type DeskTenant, startTelegramStack, type TelegramStack } from './fixtures/startTelegramStack.ts';

describe('setting up a Telegram group', () => {
  let telegram: TelegramStack;
  let tenant: DeskTenant;

  beforeAll(async () => {
    telegram = await startTelegramStack({ worker: false });
    tenant = await telegram.tenant();
  });
  afterAll(() => telegram.stop());

  const connect = (body: object, of = tenant) => of.call('channels/telegram', { body });
  const connected = async (body: object, of = tenant) => {
    const answer = await connect(body, of);
    expect([answer.status, answer.body]).toEqual([expect.toBeOneOf([200, 201]), expect.anything()]);
    return answer.body as { channel: ChannelView; diagnosis: Diagnosis };
  };
  const diagnosisOf = async ({ id }: ChannelView, of = tenant) =>
    (await of.call(`channels/${id}/diagnosis`)).body as unknown as Diagnosis;
  const codesOf = ({ problems }: Diagnosis) => problems.map(({ code }) => code);
  const webhookOf = async (token: string) => {
    const answer = await fetch(`${telegram.emulator.url}/bot${token}/getWebhookInfo`);
    return ((await answer.json()) as { result: { url: string; allowed_updates?: string[] } }).result;
  };

  it('verifies the bot, sets its webhook and its menu, and says that nothing is wrong', async () => {
    const { groupId, botId, token } = await telegram.group();
    await telegram.emulator.setPrivacy({ botId, readsAllMessages: true });
    const answer = await connect({ groupId: String(groupId), botTokens: [token] });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      channel: { type: 'telegram', channelId: String(groupId), status: 'active', hasSecrets: true, hasWebhook: true },
      diagnosis: { ready: true, updates: 'webhook', group: { title: 'Support' }, problems: [] },
    });
    const webhook = await webhookOf(token);
    expect(webhook.url).toMatch(`${telegram.apiUrl}/v1/telegram/webhook/`);
    expect(webhook.allowed_updates).toEqual(['message', 'edited_message', 'callback_query', 'my_chat_member']);
    const secret = webhook.url.split('/').at(-1) ?? '';
    expect(secret.length).toBeGreaterThan(40);
    expect(JSON.stringify(answer.body)).not.toContain(secret);
    expect(JSON.stringify(answer.body)).not.toContain(token.split(':')[1]);
    const commands = await telegram.emulator.listCommands({ botId });
    expect(commands.map(({ command }) => command)).toEqual(AGENT_COMMANDS.map(({ command }) => command));
    // Without the header that Telegram was told nobody is let in.
    expect((await fetch(webhook.url, { method: 'POST', body: '{}' })).status).toBe(401);
  });

  it.each<[string, ProblemCode, (of: { groupId: number; botId: number }) => Promise<unknown>]>([
    ['topics are off', 'topics_off', ({ groupId }) => telegram.emulator.setForum({ groupId, isForum: false })],
    [
      'the bot is no administrator',
      'bot_not_admin',
      ({ groupId, botId }) => telegram.emulator.setStatus({ groupId, userId: botId, status: 'member' }),
    ],
    ...(['can_manage_topics', 'can_pin_messages', 'can_delete_messages'] as const).map(
      (right) =>
        [
          `a right is missing: ${right}`,
          right.replace('can_', 'cannot_') as ProblemCode,
          ({ groupId, botId }: { groupId: number; botId: number }) =>
            telegram.emulator.setRights({ groupId, userId: botId, rights: { [right]: false } }),
        ] as [string, ProblemCode, (of: { groupId: number; botId: number }) => Promise<unknown>],
    ),
  ])('connects although %s, says what to press, and sees it mended', async (_what, code, damage) => {
    const { groupId, botId, token } = await telegram.group();
    await telegram.emulator.setPrivacy({ botId, readsAllMessages: true });
    await damage({ groupId, botId });
    const { channel, diagnosis } = await connected({ groupId: String(groupId), botTokens: [token] });
    expect(codesOf(diagnosis)).toEqual([code]);
    expect(diagnosis.problems[0]?.remedy).toMatch(/Open the group/);
    const limiting = code === 'cannot_pin_messages' || code === 'cannot_delete_messages';
    expect(diagnosis.ready).toBe(limiting);

    await telegram.emulator.setForum({ groupId, isForum: true });
    await telegram.emulator.setStatus({ groupId, userId: botId, status: 'administrator' });
    const rights = { can_manage_topics: true, can_pin_messages: true, can_delete_messages: true };
    await telegram.emulator.setRights({ groupId, userId: botId, rights });
    expect(await diagnosisOf(channel)).toMatchObject({ ready: true, problems: [] });
  });

  it('tells of privacy mode: a hint to an administrator, and deafness to a member', async () => {
    const { groupId, botId, token } = await telegram.group();
    const { channel, diagnosis } = await connected({ groupId: String(groupId), botTokens: [token] });
    expect(diagnosis).toMatchObject({ ready: true, problems: [{ code: 'privacy_mode_on', severity: 'hint' }] });
    await telegram.emulator.setStatus({ groupId, userId: botId, status: 'member' });
    expect((await diagnosisOf(channel)).problems).toMatchObject([
      { code: 'bot_not_admin' },
      { code: 'privacy_mode_on', severity: 'blocking' },
    ]);
  });

  it('refuses a token that is none and a group that the bot is not in, and stores nothing', async () => {
    const { groupId, token } = await telegram.group();
    const stranger = await telegram.bot();
    const refusals = [
      [{ groupId: String(groupId), botTokens: ['4711:mistyped'] }, 'bot_token_refused', '/botTokens/0'],
      [{ groupId: String(groupId), botTokens: [token, '4711:mistyped'] }, 'bot_token_refused', '/botTokens/1'],
      [{ groupId: String(groupId), botTokens: [stranger.token] }, 'group_refused', '/groupId'],
      [{ groupId: '-1009999', botTokens: [token] }, 'group_refused', '/groupId'],
    ] as const;
    for (const [body, code, path] of refusals) {
      const answer = await connect(body);
      expect(answer).toMatchObject({ status: 422, body: { code, errors: [{ path }] } });
      expect(JSON.stringify(answer.body)).not.toContain(':mistyped');
    }
    expect((await connect({ groupId: 'support', botTokens: [token] })).body['code']).toBe('invalid_request');
    const { items } = (await tenant.call('channels')).body as { items: ChannelView[] };
    expect(items.map(({ channelId }) => channelId)).not.toContain(String(groupId));
  });

  it('says when Telegram is out of reach, and connects nothing', async () => {
    const { groupId, token } = await telegram.group();
    await telegram.emulator.injectFault({ kind: 'serverError', method: 'getMe', code: 502, body: 'html' });
    const answer = await connect({ groupId: String(groupId), botTokens: [token] });
    expect(answer).toMatchObject({ status: 503, body: { code: 'telegram_unavailable' } });
    expect((await connect({ groupId: String(groupId), botTokens: [token] })).status).toBe(201);
  });

  it('refuses a group, and a bot, that another tenant has', async () => {
    const { groupId, token } = await telegram.group();
    await connected({ groupId: String(groupId), botTokens: [token] });
    const other = await telegram.tenant();
    const second = await telegram.bot(groupId);
    const taken = await connect({ groupId: String(groupId), botTokens: [second.token] }, other);
    expect(taken).toMatchObject({ status: 409, body: { code: 'group_taken' } });
    const typedIn = { type: 'telegram', channelId: String(groupId), secrets: { botTokens: [second.token] } };
    expect((await other.call('channels', { body: typedIn })).body['code']).toBe('group_taken');
    const elsewhere = await telegram.group();
    await telegram.emulator.addMember({ groupId: elsewhere.groupId, userId: Number(token.split(':')[0]) });
    const shared = await connect({ groupId: String(elsewhere.groupId), botTokens: [token] }, other);
    expect(shared).toMatchObject({ status: 409, body: { code: 'bot_taken' } });
    // The webhook still is the first one's.
    expect((await connected({ groupId: String(groupId), botTokens: [token] })).diagnosis.ready).toBe(true);
  });

  it('gives a bot to exactly one of the tenants that connect it at the same moment', async () => {
    const tenants = [tenant, await telegram.tenant()];
    for (let round = 0; round < 8; round += 1) {
      const { groupId, botId, token } = await telegram.group();
      const elsewhere = await telegram.group();
      await telegram.emulator.addMember({ groupId: elsewhere.groupId, userId: botId });
      const groups = [groupId, elsewhere.groupId];
      const answers = await Promise.all(
        tenants.map((of, index) => connect({ groupId: String(groups[index]), botTokens: [token] }, of)),
      );
      const [winners, losers] = [201, 409].map((code) => answers.filter(({ status }) => status === code));
      expect(winners).toHaveLength(1);
      expect(losers).toMatchObject([{ body: { code: 'bot_taken' } }]);
    }
  });

  it('gives a bot away once its connection is off, and not back while another tenant has it', async () => {
    const { groupId, botId, token } = await telegram.group();
    const { channel } = await connected({ groupId: String(groupId), botTokens: [token] });
    await tenant.call(`channels/${channel.id}`, { method: 'PATCH', body: { status: 'disabled' } });
    const other = await telegram.tenant();
    const elsewhere = await telegram.group();
    await telegram.emulator.addMember({ groupId: elsewhere.groupId, userId: botId });
    const theirs = await connected({ groupId: String(elsewhere.groupId), botTokens: [token] }, other);
    const switchOn = () => tenant.call(`channels/${channel.id}`, { method: 'PATCH', body: { status: 'active' } });
    expect(await switchOn()).toMatchObject({ status: 409, body: { code: 'bot_taken' } });
    await other.call(`channels/${theirs.channel.id}`, { method: 'DELETE' });
    expect((await switchOn()).status).toBe(200);
  });

  it('takes the webhook from a bot that is replaced, switched off or removed', async () => {
    const { groupId, token } = await telegram.group();
    const { channel } = await connected({ groupId: String(groupId), botTokens: [token] });
    const second = await telegram.bot(groupId);
    const changed = await connect({ groupId: String(groupId), botTokens: [second.token] });
    expect(changed).toMatchObject({ status: 200, body: { channel: { id: channel.id } } });
    expect((await webhookOf(token)).url).toBe('');
    expect((await webhookOf(second.token)).url).not.toBe('');

    const third = await telegram.bot(groupId);
    await tenant.call(`channels/${channel.id}`, { method: 'PATCH', body: { secrets: { botTokens: [third.token] } } });
    expect((await webhookOf(second.token)).url).toBe('');
    expect(codesOf(await diagnosisOf(channel))).toEqual(['privacy_mode_on']);

    await tenant.call(`channels/${channel.id}`, { method: 'PATCH', body: { status: 'disabled' } });
    expect((await webhookOf(third.token)).url).toBe('');
    expect(codesOf(await diagnosisOf(channel))).toContain('channel_disabled');
    await tenant.call(`channels/${channel.id}`, { method: 'PATCH', body: { status: 'active' } });
    expect((await diagnosisOf(channel)).ready).toBe(true);
    await tenant.call(`channels/${channel.id}`, { method: 'DELETE' });
    expect((await webhookOf(third.token)).url).toBe('');
  });

  it('tells of a webhook that leads elsewhere, is gone, is deaf or fails', async () => {
    const { groupId, botId, token } = await telegram.group();
    await telegram.emulator.setPrivacy({ botId, readsAllMessages: true });
    const { channel } = await connected({ groupId: String(groupId), botTokens: [token] });
    const ours = (await webhookOf(token)).url;
    const codesAfter = async (body: object) => {
      const headers = { 'content-type': 'application/json' };
      const url = `${telegram.emulator.url}/bot${token}/setWebhook`;
      await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
      return codesOf(await diagnosisOf(channel));
    };
    expect(await codesAfter({ url: 'https://elsewhere.example/secret-path' })).toEqual(['webhook_elsewhere']);
    expect(JSON.stringify(await diagnosisOf(channel))).not.toContain('secret-path');
    expect(await codesAfter({ url: `${ours}x` })).toEqual(['webhook_outdated']);
    expect(await codesAfter({ url: '' })).toEqual(['webhook_missing']);
    expect(await codesAfter({ url: ours, allowed_updates: ['message'] })).toEqual(['webhook_deaf']);
    // The secret of the header is missing now: the API answers 401.
    await telegram.emulator.postMessage({ groupId, text: 'Anybody?' });
    await expect.poll(async () => codesOf(await diagnosisOf(channel))).toContain('webhook_failing');
    await connected({ groupId: String(groupId), botTokens: [token] });
    const mended = await diagnosisOf(channel);
    expect(codesOf(mended)).not.toContain('webhook_deaf');
  });

  it('follows a group that was upgraded, and tells its new id to whoever connects the old one', async () => {
    const { groupId, token } = await telegram.group();
    const { channel } = await connected({ groupId: String(groupId), botTokens: [token] });
    const newGroupId = groupId - 1_000_000_000;
    await telegram.emulator.upgradeGroup({ groupId, newGroupId });
    const group = async () => (await diagnosisOf(channel)).group;
    await expect.poll(group, { timeout: 10_000 }).toEqual({ id: String(newGroupId), title: 'Support' });
    const refused = await connect({ groupId: String(groupId), botTokens: [token] });
    expect(refused).toMatchObject({ status: 422, body: { code: 'group_refused', errors: [{ path: '/groupId' }] } });
    expect(JSON.stringify(refused.body)).toContain(String(newGroupId));
  });

  it('tells the new id of a group that was upgraded where it cannot follow it', async () => {
    const { groupId, token } = await telegram.group();
    const { channel } = await connected({ groupId: String(groupId), botTokens: [token] });
    const newGroupId = groupId - 1_000_000_000;
    const other = await telegram.tenant();
    const theirs = { type: 'telegram', channelId: String(newGroupId) };
    expect((await other.call('channels', { body: theirs })).status).toBe(201);
    await telegram.emulator.upgradeGroup({ groupId, newGroupId });
    const diagnosis = await diagnosisOf(channel);
    expect(diagnosis).toMatchObject({ ready: false, group: null, problems: [{ code: 'group_upgraded' }] });
    expect(diagnosis.problems[0]?.problem).toContain(String(newGroupId));
  });

  it('refuses a channel, and tells that it is none of a group where it is typed in', async () => {
    const groupId = -1_006_000_000_000 - Math.floor(Math.random() * 1_000_000_000);
    await telegram.emulator.addGroup({ groupId, title: 'News', isChannel: true });
    const { token } = await telegram.bot(groupId);
    const refused = await connect({ groupId: String(groupId), botTokens: [token] });
    expect(refused).toMatchObject({ status: 422, body: { code: 'group_refused', errors: [{ path: '/groupId' }] } });
    expect(JSON.stringify(refused.body)).toContain('News is a channel');
    const body = { type: 'telegram', channelId: String(groupId), secrets: { botTokens: [token] } };
    const typedIn = (await tenant.call('channels', { body })).body as unknown as ChannelView;
    const diagnosis = await diagnosisOf(typedIn);
    expect(diagnosis.ready).toBe(false);
    expect(codesOf(diagnosis)).toContain('not_a_group');
    expect(codesOf(diagnosis)).not.toContain('topics_off');
  });

  it('tells that no token is stored, until the group is connected with one', async () => {
    const { groupId, token } = await telegram.group();
    const { channel } = await connected({ groupId: String(groupId), botTokens: [token] });
    await tenant.call(`channels/${channel.id}`, { method: 'PATCH', body: { secrets: null } });
    const problems = [{ code: 'secrets_missing', severity: 'blocking', botId: null }];
    expect(await diagnosisOf(channel)).toMatchObject({ ready: false, bots: [], problems });
    const { diagnosis } = await connected({ groupId: String(groupId), botTokens: [token] });
    expect(codesOf(diagnosis)).not.toContain('secrets_missing');
  });

  it('has nothing to say of other channels, and of others’', async () => {
    const web = (await tenant.call('channels', { body: { type: 'web' } })).body as unknown as ChannelView;
    expect(await diagnosisOf(web)).toMatchObject({ ready: true, updates: null, problems: [] });
    const other = await telegram.tenant();
    expect((await other.call(`channels/${web.id}/diagnosis`)).status).toBe(404);
  });

  it('tells that the tenant has Telegram switched off', async () => {
    const other = await telegram.tenant();
    const { groupId, token } = await telegram.group();
    const { channel } = await connected({ groupId: String(groupId), botTokens: [token] }, other);
    await other.call('settings/development', { method: 'PUT', body: { flags: { telegram: false } } });
    expect(codesOf(await diagnosisOf(channel, other))).toContain('telegram_switched_off');
  });
});
