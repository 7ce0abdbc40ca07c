import { describe, expect, it } from 'vitest';
import { parseUpdate } from '../../../channels/telegram/parseUpdate.ts';

const CHAT = -1_001_000_000_001;
const SENT_AT = Date.UTC(2026, 4, 6, 22, 30) / 1_000;
const person = { id: 77, is_bot: false, first_name: 'Kim' };

const update = (message: object) => ({
  update_id: 1,
  message: {
    message_id: 12,
    message_thread_id: 5,
    is_topic_message: true,
    date: SENT_AT,
    chat: { id: CHAT, type: 'supergroup', title: 'Support', is_forum: true },
    from: person,
    text: 'Hello',
    ...message,
  },
});
const said = { chatId: String(CHAT), threadId: '5', key: `tg:${CHAT}:12`, agent: { id: 'telegram:77', name: 'Kim' } };
const command = (text: string) => {
  const parsed = parseUpdate(update({ text }));
  return parsed.kind === 'command' ? parsed.order : parsed;
};

describe('parseUpdate', () => {
  it('reads what a person wrote in a topic', () => {
    expect(parseUpdate(update({}))).toEqual({ kind: 'message', text: 'Hello', entities: [], ...said });
  });

  it('names people without a user name by their names', () => {
    const parsed = parseUpdate(update({ from: { ...person, last_name: 'Ito' } }));
    expect(parsed).toMatchObject({ agent: { name: 'Kim Ito' } });
  });

  const damaged = (trouble: string, letIn = false) => ({
    ...{ kind: 'damaged', chatId: String(CHAT), botId: '4711', trouble, at: 1_000 },
    letIn,
  });
  it.each([
    ['member', { status: 'administrator', can_manage_topics: true }, { kind: 'repaired' }],
    ['administrator', { status: 'creator' }, { kind: 'repaired' }],
    ['administrator', { status: 'member' }, damaged('not_administrator')],
    ['creator', { status: 'member' }, damaged('not_administrator')],
    ['left', { status: 'member' }, damaged('not_administrator', true)],
    ['kicked', { status: 'member' }, damaged('not_administrator', true)],
    ['restricted', { status: 'member' }, damaged('not_administrator', true)],
    ['administrator', { status: 'administrator', can_manage_topics: false }, damaged('rights_missing')],
    ['member', { status: 'restricted' }, damaged('rights_missing')],
    ['administrator', { status: 'kicked' }, damaged('kicked')],
    ['administrator', { status: 'left' }, damaged('kicked')],
  ])('takes the bot’s way from %s to %o for %o', (before, member, parsed) => {
    const change = (type: string) => ({
      date: 1,
      chat: { id: CHAT, type },
      old_chat_member: { user: { id: 4711 }, status: before },
      new_chat_member: { user: { id: 4711 }, ...member },
    });
    expect(parseUpdate({ update_id: 1, my_chat_member: change('supergroup') })).toEqual(parsed);
    expect(parseUpdate({ update_id: 1, my_chat_member: change('private') })).toMatchObject({ kind: 'ignored' });
  });

  it.each([
    ['forum_topic_closed', 'close'],
    ['forum_topic_reopened', 'reopen'],
  ])('takes %s by a person for the command, and by a bot for nothing', (field, name) => {
    const byHand = { text: undefined, [field]: {} };
    const parsed = (message: object) => parseUpdate(JSON.parse(JSON.stringify(update({ ...byHand, ...message }))));
    expect(parsed({})).toEqual({ kind: 'command', order: { name }, ...said });
    expect(parsed({ from: { ...person, is_bot: true } })).toEqual({ kind: 'ignored', reason: 'sent_by_a_bot' });
  });

  it('takes an anonymous administrator for Support', () => {
    const from = { id: 1_087_968_824, is_bot: true, first_name: 'Group', username: 'GroupAnonymousBot' };
    const parsed = parseUpdate(update({ from, sender_chat: { id: CHAT, type: 'supergroup' } }));
    expect(parsed).toMatchObject({ kind: 'message', agent: { id: `telegram:${CHAT}`, name: 'Support' } });
  });

  it('does not take a reply to the creation of the topic for anything but a message', () => {
    const reply_to_message = { message_id: 5, forum_topic_created: { name: 'T', icon_color: 1 } };
    expect(parseUpdate(update({ reply_to_message }))).toEqual({
      kind: 'message',
      text: 'Hello',
      entities: [],
      ...said,
    });
  });

  it.each([
    [{ migrate_to_chat_id: -5 }, { chatId: String(CHAT), newChatId: '-5' }],
    [{ migrate_from_chat_id: -5 }, { chatId: '-5', newChatId: String(CHAT) }],
  ])('reads from either group that it was upgraded: %j', (content, ids) => {
    const service = { text: undefined, message_thread_id: undefined, is_topic_message: undefined, ...content };
    expect(parseUpdate(JSON.parse(JSON.stringify(update(service))))).toEqual({ kind: 'upgraded', ...ids });
  });

  it.each([
    ['general_topic', { message_thread_id: undefined, is_topic_message: undefined }],
    ['general_topic', { is_topic_message: undefined }],
    ['sent_by_a_bot', { from: { ...person, is_bot: true } }],
    ['sent_as_a_channel', { sender_chat: { id: -1_009 } }],
    ['private_chat', { chat: { id: 77, type: 'private' } }],
    ['service_message', { text: undefined, forum_topic_created: { name: 'T', icon_color: 1 } }],
    ['service_message', { text: undefined, pinned_message: {} }],
    ['service_message', { text: undefined, new_chat_members: [person] }],
    ['no_text', { text: undefined, photo: [] }],
    ['no_text', { text: '   ' }],
  ])('ignores it: %s', (reason, message) => {
    // As it comes over the wire: what is undefined is not there.
    expect(parseUpdate(JSON.parse(JSON.stringify(update(message))))).toEqual({ kind: 'ignored', reason });
  });

  it('reads what an agent made of a message, and not what is no message any more', () => {
    const edited = (message: object) =>
      parseUpdate({ update_id: 1, edited_message: update({ edit_date: SENT_AT + 60, ...message }).message });
    const text = { text: 'Hello you', entities: [{ type: 'bold', offset: 6, length: 3 }] };
    const editedAt = (SENT_AT + 60) * 1_000;
    expect(edited(text)).toEqual({ kind: 'edit', ...text, editedAt, ...said });
    expect(edited({ text: '// for us' })).toEqual({ kind: 'ignored', reason: 'edited_command' });
  });

  const photo = [{ file_id: 'F', file_unique_id: 'U', file_size: 7, width: 1, height: 1 }];
  const file = { fileId: 'F', uniqueId: 'U', name: 'photo', size: 7 };
  const withPhoto = (caption: string, more: object = {}) =>
    JSON.parse(JSON.stringify(update({ text: undefined, photo, caption, ...more })));
  const mistake = expect.stringContaining('no such command');

  it.each([
    ['// for us', { text: 'for us', internal: {} }],
    ['/note for us', { text: 'for us', internal: {} }],
    ['/note@some_bot for us', { text: 'for us', internal: {} }],
    ['/clsoe', { text: '', internal: { mistake } }],
    ['/close', { text: '', internal: { mistake: expect.stringContaining('without files') } }],
    ['', { text: '' }],
    ['Two views', { text: 'Two views' }],
  ])('takes the caption %j of a part of an album for no word to the visitor that it is not', (caption, expected) => {
    const album = { id: '77', place: 12 };
    const part = { media_group_id: '77' };
    const parsed = { kind: 'message', entities: [], file, album, ...said, ...expected };
    expect(parseUpdate(withPhoto(caption, part))).toEqual(parsed);
    const { message } = withPhoto(caption, { ...part, edit_date: SENT_AT });
    const kind = 'internal' in expected ? 'ignored' : 'edit';
    expect(parseUpdate({ update_id: 1, edited_message: message })).toMatchObject({ kind });
  });

  it.each([
    ['/note for us', { name: 'note', text: 'for us' }],
    ['/clsoe', { name: 'mistaken', words: mistake }],
    ['/rename Parcel', { name: 'mistaken', words: expect.stringContaining('without files') }],
  ])('takes the caption %s of a single file for an order', (caption, order) => {
    expect(parseUpdate(withPhoto(caption))).toEqual({ kind: 'command', order, ...said });
  });

  it.each([
    ['location', 'a location'],
    ['venue', 'a place'],
    ['contact', 'a contact'],
    ['poll', 'a poll'],
    ['dice', 'a die'],
    ['checklist', 'a checklist'],
  ])('answers a %s, which no visitor can be shown, and nothing that is changed in it', (field, what) => {
    const content = { text: undefined, ...(field === 'venue' ? { location: {} } : {}), [field]: {} };
    const order = { name: 'mistaken', words: expect.stringContaining(`Not passed on: ${what} cannot`) };
    const wire = JSON.parse(JSON.stringify(update(content)));
    expect(parseUpdate(wire)).toEqual({ kind: 'command', order, ...said });
    expect(parseUpdate({ update_id: 1, edited_message: wire.message })).toMatchObject({ kind: 'ignored' });
  });

  it('reads what a message answers, and a pressed button', () => {
    const reply_to_message = { message_id: 9, text: 'one two' };
    expect(parseUpdate(update({ reply_to_message, quote: { text: 'two' } }))).toMatchObject({
      replyTo: { messageId: 9, key: `tg:${CHAT}:9`, quote: 'two' },
    });
    const { message } = update({ from: { ...person, id: 4711, is_bot: true } });
    const query = { id: '77', from: person, data: '/claim', message };
    expect(parseUpdate({ update_id: 1, callback_query: query })).toEqual({
      kind: 'press',
      ...said,
      key: 'tg:press:77',
      userId: '77',
      queryId: '77',
      botId: '4711',
      order: { name: 'claim' },
    });
    // A button that is none of ours any more, and one below a message that Telegram does not show any more.
    const lost = { kind: 'lostPress', queryId: '77' };
    expect(parseUpdate({ update_id: 1, callback_query: { ...query, data: 'x' } })).toEqual(lost);
    const gone = { message_id: 12, chat: message.chat, date: 0 };
    expect(parseUpdate({ update_id: 1, callback_query: { ...query, message: gone } })).toEqual(lost);
  });

  it('hears a command in the General topic, and nothing else there', () => {
    const inGeneral = (text: string, more: object = {}) =>
      parseUpdate(update({ text, message_thread_id: undefined, is_topic_message: undefined, ...more }));
    const chatId = String(CHAT);
    expect(inGeneral('/note')).toEqual({ kind: 'misplacedCommand', chatId });
    expect(inGeneral('/Claim@a_bot')).toEqual({ kind: 'misplacedCommand', chatId, addressee: 'a_bot' });
    const ignored = { kind: 'ignored', reason: 'general_topic' };
    for (const text of ['/weather', 'claim', '// lunch?']) expect(inGeneral(text)).toEqual(ignored);
    expect(inGeneral('/claim', { from: { ...person, is_bot: true } })).toEqual(ignored);
  });

  it('ignores other kinds of update and rubbish', () => {
    for (const other of [
      { update_id: 1, my_chat_member: {} },
      {},
      null,
      'x',
      [],
      { update_id: 1, message: { text: 1 } },
    ]) {
      expect(parseUpdate(other)).toEqual({ kind: 'ignored', reason: 'not_a_message' });
    }
  });

  it.each([
    ['/claim', { name: 'claim' }],
    ['/Release', { name: 'release' }],
    [' /close ', { name: 'close' }],
    ['/reopen', { name: 'reopen' }],
    ['/rename  A new\ttitle ', { name: 'rename', title: 'A new\ttitle' }],
    ['/note for us\nonly', { name: 'note', text: 'for us\nonly' }],
    ['// for us', { name: 'note', text: 'for us' }],
    ['//for us', { name: 'note', text: 'for us' }],
    ['/snooze', { name: 'snooze', until: SENT_AT * 1_000 + 3_600_000 }],
    ['/snooze 30m', { name: 'snooze', until: SENT_AT * 1_000 + 1_800_000 }],
    ['/snooze 2 H', { name: 'snooze', until: SENT_AT * 1_000 + 7_200_000 }],
    ['/snooze 3d', { name: 'snooze', until: SENT_AT * 1_000 + 3 * 86_400_000 }],
    ['/snooze tomorrow', { name: 'snooze', until: 'tomorrow' }],
    ['/ai on', { name: 'ai', on: true }],
    ['/ai OFF', { name: 'ai', on: false }],
    ['/canned', { name: 'canned' }],
    ['/canned Hours', { name: 'canned', answer: 'hours' }],
    ['/whoami', { name: 'whoami' }],
    ['/help', { name: 'help' }],
    ['/clam', { name: 'mistaken', words: expect.stringContaining('/help') }],
    ['/', { name: 'mistaken', words: expect.stringContaining('/help') }],
    ['/note', { name: 'mistaken', words: expect.stringContaining('/note <text>') }],
    ['//  ', { name: 'mistaken', words: expect.stringContaining('/note <text>') }],
    ['/rename', { name: 'mistaken', words: expect.stringContaining('/rename <new subject>') }],
    ['/snooze soon', { name: 'mistaken', words: expect.stringContaining('/snooze') }],
    ['/ai maybe', { name: 'mistaken', words: expect.stringContaining('/ai <on or off>') }],
  ])('understands %s', (text, expected) => {
    expect(command(text)).toEqual(expected);
  });

  it('cuts a subject that is too long', () => {
    const order = command(`/rename ${'word '.repeat(1_000)}`);
    expect(order).toEqual({ name: 'rename', title: expect.stringMatching(/^(word ){24}word$/) });
  });

  it('says which bot a command names', () => {
    expect(parseUpdate(update({ text: '/close@other_bot' }))).toMatchObject({
      kind: 'command',
      addressee: 'other_bot',
    });
  });
});
