import type { DomainEventRecord, MessageEdit, NoteRecord, OutboxItem } from '../../contracts/activities.ts';
import type { ConversationInput, DecidedMessage, DomainEventName } from '../../contracts/conversation.ts';
import type { ServerFrame } from '../../contracts/frames.ts';
import { OUTBOX_PRIORITY, type OutboxPriority } from '../../contracts/outboxPriority.ts';
import { derivedId } from './derivedId.ts';
import type { ConversationState } from './state.ts';

/** What the decisions of one turn add up to: one transaction, then these effects. */
export interface Turn {
  messages: DecidedMessage[];
  edits: MessageEdit[];
  notes: NoteRecord[];
  events: DomainEventRecord[];
  outbox: OutboxItem[];
  frames: ServerFrame[];
  backfillTopic: boolean;
  /** The conversation's row changed, whether or not anything else did. */
  rowChanged: boolean;
  /** What is known of the visitor changed, which the topic's card shows. */
  cardChanged: boolean;
  /** Retention is over: delete everything and end. */
  purge: boolean;
}

/** What every decision works on. Decisions change `state` and fill `turn`; they do no I/O and read no clock but `now`. */
export interface Context {
  input: ConversationInput;
  state: ConversationState;
  turn: Turn;
  /** Epoch milliseconds. */
  now: number;
}

export function newTurn(): Turn {
  return {
    messages: [],
    edits: [],
    notes: [],
    events: [],
    outbox: [],
    frames: [],
    backfillTopic: false,
    rowChanged: false,
    cardChanged: false,
    purge: false,
  };
}

/** Whether the turn holds anything that must be written. */
export function isEmpty(turn: Turn): boolean {
  const { messages, edits, notes, events, outbox, frames, rowChanged } = turn;
  const lists = [messages, edits, notes, events, outbox, frames];
  return !rowChanged && lists.every((list) => list.length === 0);
}

/** How urgent the turn's deliveries are. A topic that is filled from what was said before is a new one. */
export function mostUrgent({ outbox }: Turn): OutboxPriority {
  return outbox.reduce<OutboxPriority>(
    (first, { priority }) => (priority < first ? priority : first),
    outbox[0]?.priority ?? OUTBOX_PRIORITY.urgent,
  );
}

/** An id within the conversation, from what caused it. */
export function idOf(context: Context, cause: string): string {
  return derivedId(`${context.input.conversationId}/${cause}`);
}

/** Adds a message and, when the conversation has a topic, its delivery there. */
export function addMessage(context: Context, message: DecidedMessage, mirror: 'mirror' | 'already there'): void {
  const { state, turn } = context;
  turn.messages.push(message);
  addEvent(context, 'message.added', `message/${message.id}`, {
    messageId: message.id,
    direction: message.direction,
    author: message.author.kind,
  });
  if (state.topicWanted && mirror === 'mirror') turn.outbox.push(mirrorOf(message));
}

/** The delivery of a message to the topic. */
export function mirrorOf({ id, direction }: DecidedMessage): OutboxItem {
  return {
    key: `conv_msg_out_${id}`,
    priority: direction === 'INBOUND' ? OUTBOX_PRIORITY.reply : OUTBOX_PRIORITY.bot,
    effect: { kind: 'message', messageId: id },
  };
}

/** Who speaks for the house before a person does: a portal's agent by its name. */
export function authorOf({ setup }: ConversationInput, kind: 'bot' | 'ai'): DecidedMessage['author'] {
  return setup.agent ? { kind, name: setup.agent.name } : { kind };
}

/** The bot, the AI or the system says something to the visitor. */
export function say(
  context: Context,
  cause: string,
  message: Pick<DecidedMessage, 'text'> & Partial<Pick<DecidedMessage, 'id' | 'author' | 'choices' | 'sources'>>,
): void {
  const { input, now } = context;
  addMessage(
    context,
    { id: idOf(context, cause), direction: 'OUTBOUND', author: authorOf(input, 'bot'), createdAt: now, ...message },
    'mirror',
  );
}

/** Adds a domain event; `cause` makes its id. */
export function addEvent(
  context: Context,
  name: DomainEventName,
  cause: string,
  data: DomainEventRecord['data'],
): void {
  context.turn.events.push({ id: idOf(context, `event/${name}/${cause}`), name, occurredAt: context.now, data });
}

/** Says something to the agents alone, without a sound. */
export function tellTopic(context: Context, cause: string, text: string): void {
  addTopicEffect(context, `${cause}/tell`, { kind: 'notice', text, silent: true });
}

/** Adds an effect in the topic, if the conversation has one. */
export function addTopicEffect(context: Context, cause: string, effect: OutboxItem['effect']): void {
  if (!context.state.topicWanted) return;
  const key = `conv_topic_${effect.kind}_${idOf(context, cause)}`;
  context.turn.outbox.push({ key, priority: priorityOf(effect), effect });
}

/** What makes a sound is what somebody has to act on. */
function priorityOf(effect: OutboxItem['effect']): OutboxPriority {
  if (effect.kind === 'card') return OUTBOX_PRIORITY.card;
  return effect.kind === 'notice' && !effect.silent ? OUTBOX_PRIORITY.urgent : OUTBOX_PRIORITY.reply;
}
