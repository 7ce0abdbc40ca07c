import { describe, expect, it } from 'vitest';
import { botId, botToken, groupId, png, refusal, startEmulator } from './emulatorFixture.ts';

describe('topics', () => {
  it('creates, renames, closes, reopens and deletes one', async () => {
    const { emulator, telegram } = await startEmulator();
    const icons = await telegram.getForumTopicIconStickers();
    const topic = await telegram.createForumTopic(groupId, 'Visitor', { icon_color: 16766590 });
    expect(topic).toMatchObject({ name: 'Visitor', icon_color: 16766590 });
    const { message_thread_id: threadId } = topic;

    const done = icons.find((icon) => icon.emoji === '✅')?.custom_emoji_id;
    await telegram.editForumTopic(groupId, threadId, { name: 'Visitor · done', icon_custom_emoji_id: done });
    await telegram.closeForumTopic(groupId, threadId);
    expect(await emulator.listTopics()).toMatchObject([
      { threadId, name: 'Visitor · done', iconEmoji: '✅', closed: true },
    ]);
    await telegram.reopenForumTopic(groupId, threadId);
    expect(await emulator.listTopics()).toMatchObject([{ closed: false }]);
    await telegram.deleteForumTopic(groupId, threadId);
    expect(await emulator.listTopics()).toEqual([]);
    expect(await emulator.listMessages({ threadId })).toEqual([]);
  });

  it("gives Telegram's answers to what cannot be", async () => {
    const { emulator, telegram } = await startEmulator();
    const { message_thread_id: threadId } = await telegram.createForumTopic(groupId, 'Visitor');
    const bad = (description: string) => ({ code: 400, description: `Bad Request: ${description}` });
    const inTopic = { message_thread_id: threadId };

    expect(await refusal(telegram.createForumTopic(groupId, ' '))).toEqual(bad('title must be non-empty'));
    expect(await refusal(telegram.editForumTopic(groupId, threadId, { name: 'Visitor' }))).toEqual(
      bad('TOPIC_NOT_MODIFIED'),
    );
    expect(await refusal(telegram.reopenForumTopic(groupId, threadId))).toEqual(bad('TOPIC_NOT_MODIFIED'));
    expect(await refusal(telegram.closeForumTopic(groupId, 999))).toEqual(bad('TOPIC_ID_INVALID'));
    expect(await refusal(telegram.sendMessage(groupId, 'x', { message_thread_id: 999 }))).toEqual(
      bad('message thread not found'),
    );
    expect(await refusal(telegram.sendMessage(groupId, 'x', { message_thread_id: 1 }))).toEqual(
      bad('message thread not found'),
    );

    await emulator.createTopic({ name: 'By an agent' });
    await emulator.setRights({ userId: botId, rights: { can_manage_topics: false } });
    const [, byAgent] = await emulator.listTopics();
    const closed = byAgent?.threadId ?? 0;
    await emulator.closeTopic({ threadId: closed });
    expect(await refusal(telegram.createForumTopic(groupId, 'Next'))).toEqual(
      bad('not enough rights to create a topic'),
    );
    expect(await refusal(telegram.editForumTopic(groupId, closed, { name: 'n' }))).toEqual(
      bad('not enough rights to edit the topic'),
    );
    expect(await refusal(telegram.sendMessage(groupId, 'x', { message_thread_id: closed }))).toEqual(
      bad('TOPIC_CLOSED'),
    );
    // A topic of its own it may still change and write in.
    await telegram.closeForumTopic(groupId, threadId);
    await telegram.sendMessage(groupId, 'x', inTopic);

    await emulator.setForum({ isForum: false });
    expect(await refusal(telegram.createForumTopic(groupId, 'Next'))).toEqual(bad('the chat is not a forum'));
  });
});

describe('messages', () => {
  it('come back as Telegram writes them', async () => {
    const { telegram } = await startEmulator();
    const { message_thread_id } = await telegram.createForumTopic(groupId, 'Visitor');
    const sent = await telegram.sendMessage(groupId, ' <b>Hello</b>, see https://parley.example ', {
      message_thread_id,
      parse_mode: 'HTML',
      reply_markup: { inline_keyboard: [[{ text: 'Claim', callback_data: 'claim' }]] },
    });
    expect(sent).toMatchObject({
      message_thread_id,
      is_topic_message: true,
      from: { id: botId, is_bot: true },
      chat: { id: groupId, type: 'supergroup', is_forum: true },
      text: 'Hello, see https://parley.example',
      entities: [
        { type: 'bold', offset: 0, length: 5 },
        { type: 'url', offset: 11, length: 22 },
      ],
      reply_to_message: { message_id: message_thread_id, forum_topic_created: { name: 'Visitor' } },
      reply_markup: { inline_keyboard: [[{ text: 'Claim', callback_data: 'claim' }]] },
    });
    const general = await telegram.sendMessage(groupId, 'to all');
    expect(general).not.toHaveProperty('message_thread_id');
    expect(general).not.toHaveProperty('is_topic_message');
  });

  it('answer another message, and follow it into its topic', async () => {
    const { telegram } = await startEmulator();
    const { message_thread_id } = await telegram.createForumTopic(groupId, 'Visitor');
    const first = await telegram.sendMessage(groupId, 'one', { message_thread_id });
    const reply_parameters = { message_id: first.message_id };
    const second = await telegram.sendMessage(groupId, 'two', { reply_parameters });
    expect(second).toMatchObject({
      message_thread_id,
      reply_to_message: { message_id: first.message_id, text: 'one' },
    });
    const gone = { message_id: 999 };
    expect(await refusal(telegram.sendMessage(groupId, 'x', { reply_parameters: gone }))).toEqual({
      code: 400,
      description: 'Bad Request: message to be replied not found',
    });
    const anyway = { ...gone, allow_sending_without_reply: true };
    expect(await telegram.sendMessage(groupId, 'x', { reply_parameters: anyway })).not.toHaveProperty(
      'reply_to_message',
    );
  });

  it('hold 4,096 UTF-16 units after entities are parsed', async () => {
    const { telegram } = await startEmulator();
    const html = { parse_mode: 'HTML' as const };
    const emoji = '😀'.repeat(2048);
    expect(await telegram.sendMessage(groupId, `<b>${emoji}</b>`, html)).toMatchObject({ text: emoji });
    const tooLong = { code: 400, description: 'Bad Request: message is too long' };
    expect(await refusal(telegram.sendMessage(groupId, `<b>${emoji}</b>.`, html))).toEqual(tooLong);
    expect(await refusal(telegram.sendMessage(groupId, ''))).toMatchObject({
      description: 'Bad Request: message text is empty',
    });
    expect(await refusal(telegram.sendMessage(groupId, ' \n'))).toMatchObject({
      description: 'Bad Request: text must be non-empty',
    });
  });

  it('are edited, pinned, copied, forwarded, reacted to and deleted', async () => {
    const { emulator, telegram } = await startEmulator();
    const { message_thread_id } = await telegram.createForumTopic(groupId, 'Visitor');
    const { message_id } = await telegram.sendMessage(groupId, 'card', { message_thread_id });

    const edited = await telegram.editMessageText(groupId, message_id, undefined, 'card 2');
    expect(edited).toMatchObject({ text: 'card 2', edit_date: expect.any(Number) as number });
    const same = await refusal(telegram.editMessageText(groupId, message_id, undefined, 'card 2'));
    expect(same.description).toMatch(/^Bad Request: message is not modified:/);
    expect(await refusal(telegram.editMessageText(groupId, 999, undefined, 'x'))).toMatchObject({
      description: 'Bad Request: message to edit not found',
    });
    const keyboard = { inline_keyboard: [[{ text: 'Close', callback_data: 'close' }]] };
    expect(await telegram.editMessageReplyMarkup(groupId, message_id, undefined, keyboard)).toMatchObject({
      reply_markup: keyboard,
    });

    await telegram.pinChatMessage(groupId, message_id);
    expect((await emulator.describeGroup()).pinnedMessageIds).toEqual([message_id]);
    expect((await emulator.listMessages({ threadId: message_thread_id })).at(-1)?.message.pinned_message).toMatchObject(
      { message_id },
    );
    await telegram.unpinChatMessage(groupId, message_id);
    expect((await emulator.describeGroup()).pinnedMessageIds).toEqual([]);

    const copy = await telegram.copyMessage(groupId, groupId, message_id, { message_thread_id });
    const forward = await telegram.forwardMessage(groupId, groupId, message_id, { message_thread_id });
    expect(forward).toMatchObject({ text: 'card 2', forward_origin: { type: 'user' } });
    const theirs = await emulator.postMessage({ threadId: message_thread_id, text: 'from an agent' });
    expect(await refusal(telegram.editMessageText(groupId, theirs.messageId, undefined, 'x'))).toMatchObject({
      description: "Bad Request: message can't be edited",
    });

    await telegram.setMessageReaction(groupId, theirs.messageId, [{ type: 'emoji', emoji: '👀' }]);
    const listed = (await emulator.listMessages({ threadId: message_thread_id })).at(-1);
    expect(listed?.reactions).toEqual([{ userId: botId, reaction: [{ type: 'emoji', emoji: '👀' }] }]);
    const tick = telegram.callApi('setMessageReaction', {
      chat_id: groupId,
      message_id: theirs.messageId,
      reaction: [{ type: 'emoji', emoji: '✅' as '👀' }],
    });
    expect(await refusal(tick)).toMatchObject({ description: 'Bad Request: REACTION_INVALID' });

    await telegram.deleteMessage(groupId, copy.message_id);
    expect(await refusal(telegram.deleteMessage(groupId, copy.message_id))).toMatchObject({
      description: 'Bad Request: message to delete not found',
    });
    await emulator.setRights({ userId: botId, rights: { can_delete_messages: false } });
    expect(await refusal(telegram.deleteMessage(groupId, theirs.messageId))).toMatchObject({
      description: "Bad Request: message can't be deleted",
    });
  });
});

describe('files', () => {
  it('go up as a form and come down again', async () => {
    const { emulator, telegram } = await startEmulator();
    const { message_thread_id } = await telegram.createForumTopic(groupId, 'Visitor');
    const extra = { message_thread_id, caption: '<i>seen</i>', parse_mode: 'HTML' as const };
    const bytes = Buffer.from('an invoice, ümlaut included');
    const sent = await telegram.sendDocument(groupId, { source: bytes, filename: 'invoice.txt' }, extra);
    expect(sent).toMatchObject({ caption: 'seen', document: { file_name: 'invoice.txt', file_size: bytes.length } });

    const file = await telegram.getFile(sent.document.file_id);
    const answer = await fetch(`${emulator.url}/file/bot${botToken}/${file.file_path}`);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    const again = await telegram.sendDocument(groupId, sent.document.file_id, { message_thread_id });
    expect(again.document.file_unique_id).toBe(sent.document.file_unique_id);

    expect(await telegram.sendPhoto(groupId, { source: png })).toMatchObject({ photo: [{ width: 1, height: 1 }] });
    expect(await refusal(telegram.sendPhoto(groupId, { source: bytes }))).toMatchObject({
      description: 'Bad Request: IMAGE_PROCESS_FAILED',
    });
    expect(await refusal(telegram.sendDocument(groupId, 'nonsense'))).toMatchObject({
      description: 'Bad Request: wrong file identifier/HTTP URL specified',
    });
  });

  it('make an album', async () => {
    const { telegram } = await startEmulator();
    const album = await telegram.sendMediaGroup(groupId, [
      { type: 'photo', media: { source: png }, caption: 'both' },
      { type: 'photo', media: { source: png } },
    ]);
    expect(album).toHaveLength(2);
    expect(album[0]).toMatchObject({
      caption: 'both',
      media_group_id: (album[1] as { media_group_id?: string }).media_group_id,
    });
  });
});
