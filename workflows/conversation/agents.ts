import type { Agent, AgentEditSignal, AgentMessageSignal } from '../../contracts/conversation.ts';
import type { ReplyTo, TextEntity } from '../../contracts/message.ts';
import { armIdle, claim, reopen } from './lifecycle.ts';
import { rememberSpoken } from './receipts.ts';
import { remember } from './state.ts';
import { addMessage, type Context, idOf, tellTopic } from './turn.ts';

interface AgentWords {
  agent: Agent;
  text: string;
  attachments?: string[];
  entities?: TextEntity[];
  replyTo?: ReplyTo;
}

/** A person wrote in the topic. The first to write claims; whether others may join is the tenant's to say. */
export function onAgentMessage(context: Context, { key, agent, text, entities, replyTo }: AgentMessageSignal): void {
  if (remember(context.state, key)) sayFromTopic(context, key, { agent, text, entities, replyTo });
}

/** Says to the visitor what stands in the topic under this key. */
export function sayFromTopic(
  context: Context,
  key: string,
  { replyTo, ...words }: Omit<AgentWords, 'replyTo'> & Pick<AgentMessageSignal, 'replyTo'>,
): void {
  const answered = replyTo ? { replyTo: answeredMessage(context, replyTo) } : {};
  const cause = `agent/${key}`;
  if (!answerAs(context, cause, { ...words, ...answered }, 'already there')) return tellUnsent(context, cause);
  rememberSpoken(context, { key, messageId: messageIdOf(context, key) });
}

/** A person changed a message. What never reached the visitor (a note, a message of who had not claimed) does not now. */
export function onAgentEdit(context: Context, { key, of, text, entities, editedAt }: AgentEditSignal): void {
  const { state, turn } = context;
  if (!remember(state, key)) return;
  const messageId = messageIdOf(context, of);
  const edited = { text, ...(entities ? { entities } : {}) };
  const held = state.held.find((message) => message.key === of);
  if (held) Object.assign(held, edited);
  const fresh = turn.messages.find(({ id }) => id === messageId);
  // Decided in this very turn: nobody has seen it yet.
  if (fresh) Object.assign(fresh, edited);
  else if (!held) {
    turn.edits = turn.edits.filter((earlier) => earlier.messageId !== messageId);
    turn.edits.push({ messageId, ...edited, editedAt });
  }
}

/** The id that the message has, or would have, that came from the topic with this key. */
function messageIdOf(context: Context, key: string): string {
  return idOf(context, `agent/${key}`);
}

function answeredMessage(context: Context, replyTo: NonNullable<AgentMessageSignal['replyTo']>): ReplyTo {
  const { key, messageId = messageIdOf(context, key), quote } = replyTo;
  return { messageId, ...(quote === undefined ? {} : { quote }) };
}

/** Whether this person may speak to the visitor: who has not claimed is asked to, where the tenant wants it so. */
function mayAnswer({ input, state }: Context, agent: Agent): boolean {
  const holder = state.claimedBy;
  return input.setup.claimPolicy !== 'claim_first' || !holder || holder.id === agent.id;
}

/** A person answers the visitor, in words that stand in the topic or are to be put there. False, and nothing said: who may not. */
export function answerAs(
  context: Context,
  cause: string,
  { agent, ...words }: AgentWords,
  mirror: 'mirror' | 'already there',
): boolean {
  const { state, turn, now } = context;
  if (!mayAnswer(context, agent)) return false;
  if (state.status === 'closed') reopen(context, cause);
  claim(context, cause, agent);
  delete state.deadlines.firstResponseSla;
  addMessage(
    context,
    {
      id: idOf(context, cause),
      direction: 'OUTBOUND',
      author: { kind: 'agent', name: agent.name },
      ...words,
      createdAt: now,
    },
    mirror,
  );
  // Who answers has read what was there.
  if (state.lastSeq > 0) turn.frames.push({ type: 'receipt', upToSeq: state.lastSeq, status: 'read' });
  armIdle(context, cause);
  return true;
}

/** Answers in the topic who may not speak to the visitor. */
export function tellUnsent(context: Context, cause: string): void {
  const holder = context.state.claimedBy?.name ?? 'Somebody';
  tellTopic(context, cause, `Not sent to the visitor: ${holder} has this conversation. ${TAKE_OVER}`);
}

/** How an agent gets a conversation that another one has. */
export const TAKE_OVER = 'To take it over: /release, then /claim.';
