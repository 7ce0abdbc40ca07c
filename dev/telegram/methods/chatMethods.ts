import type { Method } from '../emulator.ts';
import { addMessage } from '../state/changeMessages.ts';
import { groupForBot, isAdministrator, memberOf, membersOf, topicOf, uniformRights } from '../state/members.ts';
import { renderChat, renderMember, renderMessage } from '../state/renderMessage.ts';
import { badRequest } from '../telegramError.ts';
import { targetGroup } from './target.ts';

const chatActions: ReadonlySet<string> = new Set([
  'typing',
  'upload_photo',
  'record_video',
  'upload_video',
  'record_voice',
  'upload_voice',
  'upload_document',
  'choose_sticker',
  'find_location',
  'record_video_note',
  'upload_video_note',
]);

const getChat: Method = (call) => {
  const group = groupForBot(call.store, call.parameters.chatId(), call.bot.id);
  const pinned = call.store.get('message', `${group.id}/${group.pinnedMessageIds.at(-1)}`);
  return {
    ...renderChat(group),
    accent_color_id: 0,
    max_reaction_count: 11,
    permissions: {
      can_send_messages: true,
      can_send_photos: true,
      can_send_documents: true,
      can_send_other_messages: true,
      can_add_web_page_previews: true,
      can_pin_messages: false,
      can_manage_topics: false,
    },
    ...(pinned && { pinned_message: renderMessage(call.store, pinned) }),
  };
};

const getChatMember: Method = (call) => {
  const group = groupForBot(call.store, call.parameters.chatId(), call.bot.id);
  const userId = call.parameters.integer('user_id');
  if (!call.store.get('user', userId)) throw badRequest('PARTICIPANT_ID_INVALID');
  const member = memberOf(call.store, group.id, userId);
  return renderMember(call.store, member ?? { chatId: group.id, userId, status: 'left', rights: uniformRights(false) });
};

const getChatAdministrators: Method = (call) => {
  const group = groupForBot(call.store, call.parameters.chatId(), call.bot.id);
  const withBots = call.parameters.flag('return_bots');
  return [...membersOf(call.store, group.id)]
    .filter((member) => isAdministrator(member))
    .filter(({ userId }) => userId === call.bot.id || withBots || !call.store.get('user', userId)?.is_bot)
    .map((member) => renderMember(call.store, member));
};

const leaveChat: Method = (call) => {
  const group = targetGroup(call);
  const member = memberOf(call.store, group.id, call.bot.id);
  const user = call.store.get('user', call.bot.id);
  if (member && user) {
    call.store.put('member', { ...member, status: 'left' });
    addMessage(call.store, { chatId: group.id, fromId: call.bot.id, content: { left_chat_member: user } });
  }
  return true;
};

const sendChatAction: Method = (call) => {
  const action = call.parameters.text('action');
  if (!chatActions.has(action)) throw badRequest('wrong parameter action in request');
  const group = targetGroup(call);
  const threadId = call.parameters.optionalInteger('message_thread_id');
  if (threadId !== undefined && !topicOf(call.store, group.id, threadId)) throw badRequest('message thread not found');
  call.emulator.limiter.takeChatAction(call.bot.id, group.id);
  return true;
};

export const chatMethods: Record<string, Method> = {
  getChat,
  getChatMember,
  getChatAdministrators,
  leaveChat,
  sendChatAction,
};
