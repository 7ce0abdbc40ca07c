import { Telegram } from 'telegraf';
import { describe, expect, it } from 'vitest';
import botApi from '../../../dev/telegram/botApi.json' with { type: 'json' };
import { methods } from '../../../dev/telegram/methods/methods.ts';
import { agentA, botId, botToken, groupId, refusal, startEmulator } from './emulatorFixture.ts';

async function call(url: string, method: string, init?: RequestInit, token = botToken): Promise<unknown> {
  const response = await fetch(`${url}/bot${token}/${method}`, init);
  return { status: response.status, ...((await response.json()) as object) };
}

function json(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

describe('a call', () => {
  it('is taken from the address, a form, a multipart form and JSON alike, in any case of letters', async () => {
    const { emulator } = await startEmulator();
    const values = { chat_id: String(groupId), text: 'hi', disable_notification: 'true' };
    const multipart = new FormData();
    for (const [name, value] of Object.entries(values)) multipart.set(name, value);
    const forms: [string, RequestInit?][] = [
      [`sendMessage?${new URLSearchParams(values)}`],
      ['sendmessage', { method: 'POST', body: new URLSearchParams(values) }],
      ['SENDMESSAGE', { method: 'POST', body: multipart }],
      ['sendMessage', json({ ...values, chat_id: groupId, disable_notification: true })],
    ];
    for (const [method, init] of forms) {
      expect(await call(emulator.url, method, init)).toMatchObject({ status: 200, ok: true, result: { text: 'hi' } });
    }
  });

  it('is refused as Telegram refuses it', async () => {
    const { emulator } = await startEmulator();
    const refused = async (method: string, body: object) => (await call(emulator.url, method, json(body))) as object;
    const bad = (text: string) => ({ status: 400, ok: false, error_code: 400, description: `Bad Request: ${text}` });
    expect(await refused('sendMessage', { text: 'x' })).toEqual(bad('chat_id is empty'));
    expect(await refused('sendMessage', { chat_id: groupId })).toEqual(bad('message text is empty'));
    expect(await refused('sendMessage', { chat_id: -1, text: 'x' })).toEqual(bad('chat not found'));
    expect(await refused('deleteMessage', { chat_id: groupId })).toEqual(bad('message identifier is not specified'));
    expect(await refused('sendMessage', { chat_id: groupId, text: 'x', message_thread_id: 'five' })).toEqual(
      bad('can\'t parse parameter "message_thread_id": expected Integer'),
    );
    expect(await refused('sendMessage', { chat_id: groupId, text: 'x', reply_parameters: { quote: 'q' } })).toEqual(
      bad('can\'t parse parameter "reply_parameters": expected ReplyParameters'),
    );
    expect(await refused('sendMessage', { chat_id: groupId, text: 'x', parse_mode: 'BBCode' })).toEqual(
      bad('unsupported parse_mode'),
    );
    expect(await refused('sendChatAction', { chat_id: groupId, action: 'dance' })).toEqual(
      bad('wrong parameter action in request'),
    );
    expect(await call(emulator.url, 'getMe', { ...json({}), body: '{' })).toEqual(bad("can't parse JSON object"));
    expect(await call(emulator.url, 'getNothing')).toEqual({
      status: 404,
      ok: false,
      error_code: 404,
      description: 'Not Found: method not found',
    });
    const unauthorized = { status: 401, ok: false, error_code: 401, description: 'Unauthorized' };
    expect(await call(emulator.url, 'getMe', undefined, '1:nobody-knows-this')).toEqual(unauthorized);
  });

  it('checks the buttons', async () => {
    const { telegram } = await startEmulator();
    const send = (button: object) =>
      telegram.callApi('sendMessage', {
        chat_id: groupId,
        text: 'x',
        reply_markup: { inline_keyboard: [[button as never]] },
      });
    await send({ text: 'ok', callback_data: 'é'.repeat(32) });
    await send({ text: 'ok', url: 'http://127.0.0.1:4012/console' });
    expect(await refusal(send({ text: 'no', callback_data: `${'é'.repeat(32)}x` }))).toMatchObject({
      description: 'Bad Request: BUTTON_DATA_INVALID',
    });
    expect(await refusal(send({ text: 'no' }))).toMatchObject({
      description: "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    });
    expect(await refusal(send({ text: 'no', url: 'http://localhost:4012/' }))).toMatchObject({
      description: "Bad Request: inline keyboard button URL 'http://localhost:4012/' is invalid: Wrong HTTP URL",
    });
  });

  it('exists for every method of the list', () => {
    const known = [...Object.keys(methods), 'getUpdates'].sort();
    expect(known).toEqual(Object.keys(botApi.methods).sort());
  });
});

describe('who is who', () => {
  it('tells of the bot, the chat and its members', async () => {
    const { emulator, telegram } = await startEmulator();
    expect(await telegram.getMe()).toMatchObject({ id: botId, is_bot: true, can_read_all_group_messages: false });
    await emulator.setPrivacy({ botId, readsAllMessages: true });
    expect(await telegram.getMe()).toMatchObject({ can_read_all_group_messages: true });
    expect(await telegram.getChat(groupId)).toMatchObject({ id: groupId, type: 'supergroup', is_forum: true });
    expect(await telegram.getChatMember(groupId, agentA)).toMatchObject({ status: 'creator' });
    expect(await telegram.getChatMember(groupId, botId)).toMatchObject({
      status: 'administrator',
      can_manage_topics: true,
    });
    const administrators = await telegram.getChatAdministrators(groupId);
    expect(administrators.map(({ user }) => user.first_name)).toEqual(['Agent A', 'Agent B', 'Support Bot']);
    await telegram.sendChatAction(groupId, 'typing');
    await telegram.setMyCommands([{ command: 'claim', description: 'Take the conversation' }]);
    expect(await refusal(telegram.setMyCommands([{ command: 'Not Ok', description: 'x' }]))).toMatchObject({
      code: 400,
    });
  });

  it('forgets a bot that lost its token, was kicked or left', async () => {
    const { emulator, telegram } = await startEmulator();
    await emulator.revokeToken({ botId });
    expect(await refusal(telegram.getMe())).toEqual({ code: 401, description: 'Unauthorized' });
    const token = `${botId}:another-token`;
    await emulator.setToken({ botId, token });
    const renewed = new Telegram(token, { apiRoot: emulator.url });
    await renewed.sendMessage(groupId, 'back');

    await emulator.kick({ userId: botId });
    expect(await refusal(renewed.sendMessage(groupId, 'x'))).toEqual({
      code: 403,
      description: 'Forbidden: bot was kicked from the supergroup chat',
    });
    await emulator.addMember({ userId: botId });
    await renewed.sendMessage(groupId, 'back again');
    await renewed.leaveChat(groupId);
    expect(await refusal(renewed.sendMessage(groupId, 'x'))).toEqual({
      code: 403,
      description: 'Forbidden: bot is not a member of the supergroup chat',
    });
  });

  it('names the new id of an upgraded group', async () => {
    const { emulator, telegram } = await startEmulator();
    await telegram.createForumTopic(groupId, 'Visitor');
    const newGroupId = -1_002_000_000_002;
    await emulator.upgradeGroup({ newGroupId });
    expect(await refusal(telegram.sendMessage(groupId, 'x'))).toEqual({
      code: 400,
      description: 'Bad Request: group chat was upgraded to a supergroup chat',
      parameters: { migrate_to_chat_id: newGroupId },
    });
    await telegram.createForumTopic(newGroupId, 'Visitor');
    const updates = await telegram.getUpdates(0, 100, 0, ['message']);
    const told = updates.map((update) => ('message' in update ? (update.message as object) : {}));
    expect(told).toContainEqual(expect.objectContaining({ migrate_to_chat_id: newGroupId }));
    expect(told).toContainEqual(expect.objectContaining({ migrate_from_chat_id: groupId }));
  });
});
