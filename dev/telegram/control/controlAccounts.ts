import { addMessage } from '../state/changeMessages.ts';
import { isAdministrator, isInGroup, memberOf, membersOf, uniformRights } from '../state/members.ts';
import type { BotRecord, MemberRecord } from '../state/records.ts';
import { renderChat, renderMember, renderUser } from '../state/renderMessage.ts';
import { enqueueUpdate } from '../updates/enqueueUpdates.ts';
import type { ControlParts } from './controlParts.ts';
import { botOf, ControlError, groupOf, memberRecord } from './defaults.ts';
import type { EmulatorControl } from './emulatorControl.ts';

type AccountControl = Pick<
  EmulatorControl,
  | 'addBot'
  | 'addGroup'
  | 'addUser'
  | 'addMember'
  | 'setRights'
  | 'setStatus'
  | 'kick'
  | 'setPrivacy'
  | 'revokeToken'
  | 'setToken'
>;

const firstUpdateId = 500_000_001;
const firstUserId = 7_000_000_001;

function botIdOf(token: string): number {
  const id = /^(\d+):[\w-]{10,}$/.exec(token)?.[1];
  if (!id) throw new ControlError('a token is <bot id>:<at least 10 letters, digits, _ or ->');
  return Number(id);
}

/** Stores a member's new state and tells the bots that hear of it. */
function changeMember({ store }: ControlParts, next: MemberRecord, before?: MemberRecord): void {
  const group = groupOf(store, next.chatId);
  const old = before ?? { ...next, status: 'left' as const };
  store.put('member', next);
  const body = {
    chat: renderChat(group),
    from: renderUser(store, someoneElse(store, next)),
    date: Math.floor(Date.now() / 1000),
    old_chat_member: renderMember(store, old),
    new_chat_member: renderMember(store, next),
  };
  for (const bot of store.all('bot')) {
    const queue = `member/${group.id}`;
    if (bot.id === next.userId) enqueueUpdate(store, bot, 'my_chat_member', queue, { my_chat_member: body });
    else if (isAdministrator(memberOf(store, group.id, bot.id))) {
      enqueueUpdate(store, bot, 'chat_member', queue, { chat_member: body });
    }
  }
}

function someoneElse(store: ControlParts['store'], member: MemberRecord): number {
  const other = [...membersOf(store, member.chatId)].find(
    ({ userId }) => userId !== member.userId && store.get('user', userId)?.is_bot === false,
  );
  return other?.userId ?? member.userId;
}

function announce(parts: ControlParts, chatId: number, userId: number, joined: boolean): void {
  const user = renderUser(parts.store, userId);
  const content = joined ? { new_chat_members: [user] } : { left_chat_member: user };
  addMessage(parts.store, {
    chatId,
    fromId: someoneElse(parts.store, memberRecord(parts.store, chatId, userId)),
    content,
  });
}

/** Bots, groups, people, and who may do what. */
export function createAccountControl(parts: ControlParts): AccountControl {
  const { store } = parts;
  // In place: whoever delivers to the bot holds on to its record.
  const changeBot = (botId: number, change: Partial<BotRecord>) => {
    store.put('bot', Object.assign(botOf(store, botId), change));
  };
  return {
    async addBot({ token, username, firstName = 'Support Bot', readsAllMessages = false }) {
      const id = botIdOf(token);
      if (store.get('bot', id)) throw new ControlError('the bot exists already');
      store.put('user', { id, is_bot: true, first_name: firstName, username: username ?? `support_${id}_bot` });
      store.put('bot', { id, token, revoked: false, readsAllMessages, nextUpdateId: firstUpdateId, commands: [] });
      return { botId: id };
    },
    async addGroup({ groupId, title, isChannel = false, isForum = !isChannel }) {
      // The General topic's creation takes id 1 in every forum.
      store.put('group', { id: groupId, title, isForum, isChannel, nextMessageId: 2, pinnedMessageIds: [] });
      return { groupId };
    },
    async addUser({ userId, firstName, username, isBot = false }) {
      const id = userId ?? firstUserId + store.count('user');
      store.put('user', { id, is_bot: isBot, first_name: firstName, ...(username && { username }) });
      return { userId: id };
    },
    async addMember({ groupId, userId, status = 'administrator', rights, anonymous }) {
      const { id: chatId, isChannel } = groupOf(store, groupId);
      const before = memberOf(store, chatId, userId);
      const granted = { ...uniformRights(status === 'administrator'), ...rights };
      changeMember(parts, { chatId, userId, status, rights: granted, ...(anonymous && { anonymous }) }, before);
      // A channel says nothing of who joins.
      if (!isInGroup(before) && !isChannel) announce(parts, chatId, userId, true);
    },
    async setRights({ groupId, userId, rights }) {
      const before = memberRecord(store, groupOf(store, groupId).id, userId);
      changeMember(parts, { ...before, status: 'administrator', rights: { ...before.rights, ...rights } }, before);
    },
    async setStatus({ groupId, userId, status }) {
      const before = memberRecord(store, groupOf(store, groupId).id, userId);
      changeMember(parts, { ...before, status }, before);
    },
    async kick({ groupId, userId }) {
      const before = memberRecord(store, groupOf(store, groupId).id, userId);
      changeMember(parts, { ...before, status: 'kicked' }, before);
      announce(parts, before.chatId, userId, false);
    },
    async setPrivacy({ botId, readsAllMessages }) {
      changeBot(botId, { readsAllMessages });
    },
    async revokeToken({ botId }) {
      changeBot(botId, { revoked: true });
    },
    async setToken({ botId, token }) {
      if (botIdOf(token) !== botId) throw new ControlError("the token is another bot's");
      changeBot(botId, { token, revoked: false });
    },
  };
}
