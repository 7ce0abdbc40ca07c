import type { PlannedWrite } from './planWrite.ts';

type Kind = PlannedWrite['kind'];

/** What decorates a topic, or helps agents: nothing that people say waits for it. */
const LOOKS: readonly Kind[] = ['retitle', 'post_card', 'edit_card', 'pin_card', 'react', 'menu'];

/** Rows of the ledger that change the topic itself: worth another bot's try, not worth holding back what people say. */
const TOPIC_CHANGES = ['rename', 'close_topic', 'reopen_topic'] as const;

export function isLook({ kind }: Pick<PlannedWrite, 'kind'>): boolean {
  return LOOKS.includes(kind);
}

export function isTopicChange({ kind }: { kind: string }): boolean {
  return TOPIC_CHANGES.some((change) => change === kind);
}

/** Whether everything else of the conversation waits for the write: it prepares the topic for what people say. */
export function stopsAll({ kind }: Pick<PlannedWrite, 'kind'>): boolean {
  return kind === 'create_topic' || kind === 'unlock_topic';
}

/** Whether a bot needs the right to manage topics for it. */
export function managesTopics(write: Pick<PlannedWrite, 'kind'>): boolean {
  return stopsAll(write) || isTopicChange(write);
}
