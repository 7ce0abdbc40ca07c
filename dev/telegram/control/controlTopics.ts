import { addMessage } from '../state/changeMessages.ts';
import { addTopic, changeTopic, removeTopic, setTopicClosed, topicColors } from '../state/changeTopics.ts';
import { membersOf } from '../state/members.ts';
import type { ControlParts } from './controlParts.ts';
import { actorId, ControlError, groupOf, topicRecord } from './defaults.ts';
import type { EmulatorControl, TopicInput } from './emulatorControl.ts';

type TopicControl = Pick<
  EmulatorControl,
  | 'createTopic'
  | 'renameTopic'
  | 'closeTopic'
  | 'reopenTopic'
  | 'deleteTopic'
  | 'setForum'
  | 'renameGroup'
  | 'upgradeGroup'
>;

/** What people do to topics and the group by hand. */
export function createTopicControl({ store }: ControlParts): TopicControl {
  const find = (input: TopicInput) => {
    const topic = topicRecord(store, groupOf(store, input.groupId).id, input.threadId);
    return { topic, actor: actorId(store, topic.chatId, input.userId) };
  };
  return {
    async createTopic({ groupId, name, userId }) {
      const chatId = groupOf(store, groupId).id;
      const color = topicColors[0] ?? 0;
      const topic = addTopic(store, chatId, actorId(store, chatId, userId), { name, icon_color: color });
      return { threadId: topic.threadId };
    },
    async renameTopic(input) {
      const { topic, actor } = find(input);
      changeTopic(store, topic, actor, { name: input.name });
    },
    async closeTopic(input) {
      const { topic, actor } = find(input);
      setTopicClosed(store, topic, actor, true);
    },
    async reopenTopic(input) {
      const { topic, actor } = find(input);
      setTopicClosed(store, topic, actor, false);
    },
    deleteTopic: async (input) => removeTopic(store, find(input).topic),
    async setForum({ groupId, isForum }) {
      store.put('group', { ...groupOf(store, groupId), isForum });
    },
    async renameGroup({ groupId, title, userId }) {
      const group = { ...groupOf(store, groupId), title };
      store.put('group', group);
      const fromId = actorId(store, group.id, userId);
      addMessage(store, { chatId: group.id, fromId, content: { new_chat_title: title } });
    },
    async upgradeGroup({ groupId, newGroupId }) {
      const old = groupOf(store, groupId);
      if (store.get('group', newGroupId)) throw new ControlError('the new id is taken');
      const fromId = actorId(store, old.id, undefined);
      store.put('group', { ...old, id: newGroupId, nextMessageId: 2, pinnedMessageIds: [], migratedTo: undefined });
      for (const member of [...membersOf(store, old.id)]) store.put('member', { ...member, chatId: newGroupId });
      addMessage(store, { chatId: old.id, fromId, content: { migrate_to_chat_id: newGroupId } });
      addMessage(store, { chatId: newGroupId, fromId, content: { migrate_from_chat_id: old.id } });
      store.put('group', { ...groupOf(store, old.id), migratedTo: newGroupId });
    },
  };
}
