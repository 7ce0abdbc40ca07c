import type {
  Agent,
  AiPersona,
  ConversationChannel,
  ConversationStatus,
  DecidedMessage,
  DomainEventName,
  Owner,
} from './conversation.ts';
import type { FileRefusal } from './file.ts';
import type { ServerFrame } from './frames.ts';
import type { LedgerChange } from './ledger.ts';
import type { TextEntity } from './message.ts';
import type { OutboxPriority } from './outboxPriority.ts';
import type { VisitSource } from './webchat.ts';

/**
 * The conversation's row as the workflow wants it after a turn. Times are epoch milliseconds. `turn` counts the workflow's
 * turns: a write with a lower one than the stored comes from a worker that was given up and changes nothing in the row.
 */
export interface ConversationRow {
  turn: number;
  siteId: string | null;
  channel: ConversationChannel;
  status: ConversationStatus;
  owner: Owner;
  claimedBy: Agent | null;
  title: string | null;
  visitorName: string | null;
  source: VisitSource;
  flowId: string | null;
  flowVersion: number | null;
  createdAt: number;
  updatedAt: number;
  closedAt: number | null;
  snoozedUntil: number | null;
}

/**
 * A side effect in the conversation's topic, one row of the ledger `outbox`. `key` is unique per tenant
 * (`conv_msg_out_<messageId>`); the database numbers the rows (identity column `ordinal`) in the order given: topic order.
 * Lower `priority` (see {@link OUTBOX_PRIORITY}) goes first between topics; within one the order stays, except that cards and
 * reactions wait for what is said.
 */
export interface OutboxItem {
  key: string;
  priority: OutboxPriority;
  effect:
    | { kind: 'message'; messageId: string }
    /** A line for the agents alone; `silent: false` makes a sound (hand-over, SLA breach). */
    | { kind: 'notice'; text: string; silent: boolean }
    | { kind: 'rename'; title: string }
    /** Prepared answers to choose from, by their names. */
    | { kind: 'canned_menu'; names: string[] }
    | { kind: 'close_topic' }
    | { kind: 'reopen_topic' }
    /** Brings the topic's card up to date: it shows what is so when it goes out, so later ones make earlier ones moot. */
    | { kind: 'card' }
    /**
     * An emoji on a message of the topic; takes the place of an earlier one there. `telegramMessageId` is 0 for a message that
     * we put there: the row's key (`conv_reaction_<messageId>_<status>`) names it, and the ledger knows where it stands.
     */
    | { kind: 'reaction'; telegramMessageId: number; emoji: string };
}

export interface NoteRecord {
  id: string;
  agent: Agent;
  text: string;
  createdAt: number;
}

/** What an agent made of the text of a message. `editedAt` is epoch milliseconds: an older edit changes nothing any more. */
export interface MessageEdit {
  messageId: string;
  text: string;
  entities?: TextEntity[];
  editedAt: number;
}

export interface DomainEventRecord {
  id: string;
  name: DomainEventName;
  occurredAt: number;
  /** References and states only, never text. */
  data: Record<string, string | number | boolean | null>;
}

/** Everything that one turn of the workflow changed; written in ONE transaction, idempotent by ids and keys, then published. */
export interface RecordTurnInput {
  tenantId: string;
  conversationId: string;
  conversation: ConversationRow;
  messages: DecidedMessage[];
  /** Of agents' messages, one a message; one that was never recorded is not made by this. */
  edits: MessageEdit[];
  notes: NoteRecord[];
  events: DomainEventRecord[];
  outbox: OutboxItem[];
  /** Put every earlier message of the conversation in the outbox first (a topic that is made at hand-over). */
  backfillTopic: boolean;
  /** Frames beside the messages, in order, published after them. */
  frames: ServerFrame[];
}

/** `lastSeq` of the conversation after the turn. */
export interface RecordTurnResult {
  lastSeq: number;
}

/** Type of the failure with which a turn is refused for good: the conversation is being erased. */
export const CONVERSATION_ERASED = 'ConversationErased';

/**
 * The one LOCAL activity of a turn. Rejects when the database is out of reach, and with {@link CONVERSATION_ERASED}. The transaction gives each NEW message
 * the next `seq` (conversations.last_seq + 1, …, under the row's lock) and keeps the `seq` of one whose id is there already:
 * a workflow task that is executed again after a crash may decide in another order, so `seq` cannot come from its state.
 * Message, note and event ids and outbox keys are derived from their cause, so a repeat meets its own rows.
 */
export interface RecordActivities {
  recordTurn(input: RecordTurnInput): Promise<RecordTurnResult>;
}

export interface DeliverInput {
  tenantId: string;
  conversationId: string;
  /** Somebody repaired the channel: bots that Telegram refused are tried again at once. */
  repaired?: true;
  /** How often the present outage was met before; left out when there is none. */
  tries?: number;
}

export type DeliverOutcome =
  /** Nothing is pending. */
  | { kind: 'idle' }
  /**
   * The conversation's turn at the budget is `waitMs` away: call again then, or as soon as something more urgent than `priority`
   * waits. What is said meanwhile rides along.
   */
  | { kind: 'wait'; waitMs: number; priority: OutboxPriority }
  /** One write went out and settled `settled` ledger rows; `more` when others are pending. */
  | { kind: 'sent'; settled: number; more: boolean }
  /** Cannot be delivered until someone repairs the channel; try again in `retryMs`. `reason` is a stable word. */
  | { kind: 'parked'; reason: string; retryMs: number }
  /** The tenant has no Telegram channel: rows stay pending. */
  | { kind: 'no_channel' };

export interface DeliveryActivities {
  /** One write to the conversation's topic, with all that is pending for it as far as it fits. Throws a retryable failure with nextRetryDelay for 429. */
  deliverToTopic(input: DeliverInput): Promise<DeliverOutcome>;
  /** Has a row of the ledger go out again, or never. Idempotent. */
  changeLedger(input: { tenantId: string; conversationId: string; change: LedgerChange }): Promise<void>;
}

export interface FetchFilesInput {
  tenantId: string;
  conversationId: string;
  fileIds: string[];
}

/** Of one file: it is stored, or why it never will be. */
export type FetchedFile = { id: string; refusal?: FileRefusal };

export interface FileActivities {
  /** Copies files from the channel to our own storage, where they outlive its links. Retryable while either is out of reach. */
  fetchFiles(input: FetchFilesInput): Promise<FetchedFile[]>;
}

export interface AiAnswerInput {
  tenantId: string;
  conversationId: string;
  siteId: string | null;
  /** Id of the message that the answer becomes; deltas carry it as `draftId`. */
  draftId: string;
  /** Context ends with the message of this seq. */
  upToSeq: number;
  locale?: string;
  /** Who answers, and how; the site's assistant without a name where there is none. */
  agent?: Pick<AiPersona, 'name' | 'instructions'>;
}

/** `unknown`: the knowledge base has no answer; the workflow hands over with honest words. */
export type AiAnswer =
  | { kind: 'answer'; text: string; sources: { title: string; url?: string }[] }
  | { kind: 'unknown' };

/** Regular activities on AI_TASK_QUEUE; deltas are published while it streams. */
export interface AiActivities {
  answerWithAi(input: AiAnswerInput): Promise<AiAnswer>;
}

/** `owner` is whose the conversation is when it begins anew. */
export interface EmptyConversationInput {
  tenantId: string;
  conversationId: string;
  turn: number;
  owner: Owner;
}

export interface LifecycleActivities {
  /** Publishes frames that need no record, e.g. `message_discard` for an AI draft that came too late. */
  publishFrames(input: { tenantId: string; conversationId: string; frames: ServerFrame[] }): Promise<void>;
  /**
   * Deletes what was said and done in the conversation and, best effort, its topic; the conversation's own row stays and goes
   * on counting. `turn` is the workflow's: no turn up to it is recorded any more, however late a worker comes with it. Idempotent.
   */
  emptyConversation(input: EmptyConversationInput): Promise<void>;
  /** Deletes every row of the conversation and, best effort, its topic. Idempotent. */
  purgeConversation(input: { tenantId: string; conversationId: string }): Promise<void>;
}
