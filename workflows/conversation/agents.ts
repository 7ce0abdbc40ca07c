import type { Agent, AgentMessageSignal } from '../../contracts/conversation.ts';
import type { ReplyTo, TextEntity } from '../../contracts/message.ts';
import { armIdle, claim, reopen } from './lifecycle.ts';
import { rememberSpoken } from './receipts.ts';
import { remember } from './state.ts';
import { addMessage, type Context, idOf, tellTopic } from './turn.ts';
import { rememberUnsaid } from './unsaid.ts';

interface AgentWords {
  agent: Agent;
  text: string;
  attachments?: string[];
  entities?: TextEntity[];
  replyTo?: ReplyTo;
}

/** What a person says who has the floor, as it came from the topic. */
export type TopicWords = Omit<AgentWords, 'replyTo'> & Pick<AgentMessageSignal, 'replyTo'>;

/** Whether the words are put into the topic, or stand there. */
type Mirror = 'mirror' | 'already there';

/** A person wrote in the topic. The first to write claims; whether others may join is the tenant's to say. */
export function onAgentMessage(context: Context, { key, agent, text, entities, replyTo }: AgentMessageSignal): void {
  if (!remember(context.state, key)) return;
  const holder = takeFloor(context, `agent/${key}`, agent);
  if (!holder) return sayFromTopic(context, key, { agent, text, entities, replyTo });
  tellRefused(context, `agent/${key}`, holder);
  rememberUnsaid(context.state, key);
}

/** Says to the visitor what stands in the topic under this key, by whoever has {@link takeFloor the floor}. */
export function sayFromTopic(context: Context, key: string, { replyTo, ...words }: TopicWords): void {
  const answered = replyTo ? { replyTo: answeredMessage(context, replyTo) } : {};
  addWords(context, `agent/${key}`, { ...words, ...answered }, 'already there');
  rememberSpoken(context, { key, messageId: messageIdOf(context, key), hasFiles: words.attachments !== undefined });
}

/** The id that the message has, or would have, that came from the topic with this key. */
export function messageIdOf(context: Context, key: string): string {
  return idOf(context, `agent/${key}`);
}

function answeredMessage(context: Context, replyTo: NonNullable<AgentMessageSignal['replyTo']>): ReplyTo {
  const { key, messageId = messageIdOf(context, key), quote } = replyTo;
  return { messageId, ...(quote === undefined ? {} : { quote }) };
}

/** Says a prepared answer of who has, or had, {@link takeFloor the floor}; it is put into the topic as well. */
export function addPrepared(context: Context, { key, agent, text }: { key: string; agent: Agent; text: string }): void {
  const cause = `command/${key}`;
  addWords(context, cause, { agent, text }, 'mirror');
  rememberSpoken(context, { messageId: idOf(context, cause) });
}

/** Who wants to answer has the conversation from now on, opened again if it must be. Returns the other one who keeps it. */
export function takeFloor(context: Context, cause: string, agent: Agent): Agent | undefined {
  const { input, state, turn } = context;
  const holder = state.claimedBy;
  if (input.setup.claimPolicy === 'claim_first' && holder && holder.id !== agent.id) return holder;
  if (state.status === 'closed') reopen(context, cause);
  claim(context, cause, agent);
  delete state.deadlines.firstResponseSla;
  // Who answers has read what was there.
  if (state.lastSeq > 0) turn.frames.push({ type: 'receipt', upToSeq: state.lastSeq, status: 'read' });
  return undefined;
}

/** Adds the words of who has, or had, the floor: a conversation that was closed or given back meanwhile stays so. */
function addWords(context: Context, cause: string, { agent, ...words }: AgentWords, mirror: Mirror): void {
  const { state, now } = context;
  const id = idOf(context, cause);
  const author = { kind: 'agent', name: agent.name } as const;
  addMessage(context, { id, direction: 'OUTBOUND', author, ...words, createdAt: now }, mirror);
  if (state.status === 'active') armIdle(context, cause);
  if (state.status === 'closed') sayStillClosed(context);
}

/** A client takes a message for the sign that the conversation goes on. */
function sayStillClosed({ state, turn }: Context): void {
  turn.frames.push({ type: 'conversation_closed' });
  const rating = state.closing?.rating;
  if (rating !== undefined) turn.frames.push({ type: 'rated', rating });
}

export function tellRefused(context: Context, cause: string, holder: Agent): void {
  tellTopic(context, cause, `Not sent to the visitor: ${holder.name} has this conversation. ${TAKE_OVER}`);
}

/** How an agent gets a conversation that another one has. */
export const TAKE_OVER = 'To take it over: /release, then /claim.';
