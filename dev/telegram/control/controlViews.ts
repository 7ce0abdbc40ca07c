import { messagesIn, textOf } from '../state/changeMessages.ts';
import { membersOf } from '../state/members.ts';
import type { MemberRecord, MessageRecord, TopicRecord } from '../state/records.ts';
import { renderMessage, renderUser } from '../state/renderMessage.ts';
import type { Store } from '../state/store.ts';
import type { MessageContent } from '../state/telegramTypes.ts';
import topicIcons from '../topicIcons.json' with { type: 'json' };
import { isServiceMessage } from '../updates/enqueueUpdates.ts';
import { toUpdate } from '../updates/longPoll.ts';
import type { ControlParts } from './controlParts.ts';
import { groupOf } from './defaults.ts';
import type { EmulatorControl, GroupView, ListedMessage, ListedTopic, ListedUser } from './emulatorControl.ts';

type ViewControl = Pick<
  EmulatorControl,
  'describeGroup' | 'listTopics' | 'listMessages' | 'listCalls' | 'clearCalls' | 'listUpdates' | 'listCommands'
>;

function listUser(store: Store, member: MemberRecord): ListedUser {
  const user = renderUser(store, member.userId);
  return {
    id: user.id,
    name: [user.first_name, user.last_name].filter(Boolean).join(' '),
    ...(user.username && { username: user.username }),
    isBot: user.is_bot,
    status: member.status,
  };
}

function summarize(messages: MessageRecord[], since: number): GroupView['general'] {
  const said = messages.filter((message) => !isServiceMessage(message));
  return {
    lastMessageAt: messages.at(-1)?.at ?? since,
    messageCount: said.length,
    lastText: describeContent(said.at(-1)?.content ?? {}),
  };
}

function describeContent(content: MessageContent): string {
  const kinds = ['photo', 'document', 'video', 'voice', 'audio', 'location', 'contact'] as const;
  const kind = kinds.find((name) => content[name] !== undefined);
  return textOf(content) || (kind ? `[${kind}]` : '');
}

function listTopic(topic: TopicRecord, messages: MessageRecord[]): ListedTopic {
  const icon = topicIcons.find(({ customEmojiId }) => customEmojiId === topic.iconCustomEmojiId);
  const { threadId, name, iconColor, iconCustomEmojiId, closed, createdAt } = topic;
  return {
    threadId,
    name,
    iconColor,
    ...(iconCustomEmojiId && { iconCustomEmojiId }),
    ...(icon && { iconEmoji: icon.emoji }),
    closed,
    createdAt,
    ...summarize(messages, createdAt),
  };
}

function listMessage(store: Store, record: MessageRecord): ListedMessage {
  return { message: renderMessage(store, record), at: record.at, reactions: record.reactions };
}

/** Messages of one group by topic, oldest first: one pass, however many topics. */
function messagesByTopic(store: Store, chatId: number): Map<number | undefined, MessageRecord[]> {
  const byTopic = new Map<number | undefined, MessageRecord[]>();
  for (const message of store.all('message')) {
    if (message.chatId !== chatId) continue;
    const list = byTopic.get(message.threadId) ?? [];
    list.push(message);
    byTopic.set(message.threadId, list);
  }
  for (const list of byTopic.values()) list.sort((a, b) => a.messageId - b.messageId);
  return byTopic;
}

/** What is there: groups, topics, messages, the write log and waiting updates. */
export function createViewControl({ store }: ControlParts): ViewControl {
  return {
    async describeGroup({ groupId } = {}) {
      const group = groupOf(store, groupId);
      return {
        groupId: group.id,
        title: group.title,
        isForum: group.isForum,
        ...(group.migratedTo !== undefined && { migratedTo: group.migratedTo }),
        pinnedMessageIds: group.pinnedMessageIds,
        general: summarize(messagesIn(store, group.id, undefined), 0),
        members: [...membersOf(store, group.id)].map((member) => listUser(store, member)),
      };
    },
    async listTopics({ groupId } = {}) {
      const chatId = groupOf(store, groupId).id;
      const byTopic = messagesByTopic(store, chatId);
      return [...store.all('topic')]
        .filter((topic) => topic.chatId === chatId)
        .map((topic) => listTopic(topic, byTopic.get(topic.threadId) ?? []));
    },
    async listMessages({ groupId, threadId, allTopics } = {}) {
      const chatId = groupOf(store, groupId).id;
      const records = allTopics
        ? [...store.all('message')]
            .filter((message) => message.chatId === chatId)
            .sort((a, b) => a.messageId - b.messageId)
        : messagesIn(store, chatId, threadId);
      return records.map((record) => listMessage(store, record));
    },
    async listCalls({ groupId, botId, sinceSeq = 0 } = {}) {
      return [...store.all('call')].filter(
        (call) =>
          call.seq > sinceSeq &&
          (groupId === undefined || call.chatId === groupId) &&
          (botId === undefined || call.botId === botId),
      );
    },
    async clearCalls() {
      for (const call of [...store.all('call')]) store.remove('call', call);
    },
    async listCommands({ botId }) {
      return store.get('bot', botId)?.commands ?? [];
    },
    async listUpdates({ botId, kind } = {}) {
      return [...store.all('update')]
        .filter((update) => (botId === undefined || update.botId === botId) && (!kind || update.kind === kind))
        .map(toUpdate);
    },
  };
}
