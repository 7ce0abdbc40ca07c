import type { AiAnswer, FetchedFile } from '../../contracts/activities.ts';
import type {
  Agent,
  AgentCommandSignal,
  AgentEditSignal,
  AgentMessageSignal,
  AgentUpdate,
  ConversationSetup,
  ConversationStatus,
  DeadlineName,
  OpenSignal,
  Owner,
  Rating,
  VisitorMessageSignal,
  VisitorSawSignal,
} from '../../contracts/conversation.ts';
import type { LedgerChange, LedgerSignal } from '../../contracts/ledger.ts';
import type { ReceiptStatus, TextEntity } from '../../contracts/message.ts';
import type { OutboxPriority } from '../../contracts/outboxPriority.ts';
import { initialPosition } from '../flow/stepFlow.ts';
import type { FlowPosition } from '../flow/types.ts';

/** A moment that the conversation waits for. `cause` names what set it, so that what follows from it has a stable id. */
export interface Deadline {
  at: number;
  cause: string;
}

/** An AI answer in flight. `forFlow`: an AI step of the flow asked, and the flow goes on after it. */
export interface PendingAnswer {
  draftId: string;
  cause: string;
  forFlow: boolean;
}

/** A visitor's message that is recorded and waits for its turn to be answered. */
export interface Question {
  cause: string;
  text: string;
  choiceId?: string;
}

/** What waits to be decided, in the order of history. */
export type InboxItem =
  | ({ kind: 'visitorMessage' } & VisitorMessageSignal)
  | ({ kind: 'open' } & OpenSignal)
  | ({ kind: 'agentMessage' } & AgentMessageSignal)
  | ({ kind: 'agentEdit' } & AgentEditSignal)
  | ({ kind: 'visitorSaw' } & VisitorSawSignal)
  | ({ kind: 'agentCommand'; key: string } & AgentUpdate)
  | ({ kind: 'rating'; key: string } & Rating)
  | ({ kind: 'topicCommand' } & AgentCommandSignal)
  | { kind: 'visitorChanged' }
  | { kind: 'aiFinished'; draftId: string; answer: AiAnswer | { kind: 'failed' } }
  | { kind: 'filesFetched'; keys: string[]; fetched: FetchedFile[] }
  | { kind: 'deadline'; name: DeadlineName; cause: string }
  | { kind: 'parked'; cause: string }
  | ({ kind: 'ledger' } & LedgerSignal & { action: 'enqueue' })
  | { kind: 'reset'; key: string; setup: ConversationSetup };

/** Whether an update waits for what becomes of the item. */
export function isAwaited(item: InboxItem): item is Extract<InboxItem, { kind: 'agentCommand' | 'rating' | 'reset' }> {
  return item.kind === 'agentCommand' || item.kind === 'rating' || item.kind === 'reset';
}

/** An agent's message that stands in the topic, and how far it has come. */
export interface Spoken {
  messageId: string;
  hasFiles?: true;
  /** 0: we put it there, and the ledger knows where. */
  telegramMessageId: number;
  status?: ReceiptStatus;
}

/**
 * An agent's message that waits for files, or stands behind one that does. Who may say it was settled when it came: what happens
 * to the conversation meanwhile changes nothing.
 */
export interface HeldPart extends AgentMessageSignal {
  /** Of the edit that it says. */
  editedAt?: number;
  /** The other agent who had the conversation. */
  refusedFor?: Agent;
  /** A prepared answer: it does not stand in the topic yet. */
  isCanned?: true;
}

/** A message with files as it was decided. A part of an album that comes late is a message of its own, with the same fate. */
export interface FileMessage {
  albumId?: string;
  /** In the order of the album; the visitor's message has its id from the first one's key. */
  parts: { key: string; text: string; entities?: TextEntity[]; filePrint?: string; editedAt?: number }[];
  fate: 'said' | 'internal' | 'refused';
}

/** Deliveries to the topic. */
export interface RelayState {
  pending: boolean;
  /** What an operator wants of rows, and is not yet done. */
  changes?: LedgerChange[];
  /** What waits for its turn at the group's budget, while it does. */
  waitingAs?: OutboxPriority;
  parkedReason?: string;
  /** How often the present outage, or the want of a channel, was met. */
  outageTries?: number;
  /** The channel works again, and no delivery has begun since. */
  repaired?: true;
  /** How often a delivery was parked: names the cause of what the visitor is told. */
  parkedCount: number;
}

/** Everything that a conversation is; plain JSON, the input of the next run at continue-as-new. */
export interface ConversationState {
  turn: number;
  status: ConversationStatus;
  owner: Owner;
  claimedBy: Agent | null;
  title: string | null;
  lastSeq: number;
  createdAt: number;
  updatedAt: number;
  closedAt: number | null;
  /** While it is closed: what closed it, and how the visitor rated that. */
  closing?: { cause: string; rating?: number };
  snoozedUntil: number | null;
  /** Keys of the signals that were decided, oldest first; see {@link remember}. */
  seen: string[];
  flow: FlowPosition;
  /** AI answers, and returns to a wait of the flow, since the visitor's last message. */
  botTurns: number;
  /** Wait steps at which the flow stood since then. */
  waitedAt: string[];
  answer: PendingAnswer | null;
  /** Messages that came while an answer was in flight; routed in order once it has ended. */
  questions: Question[];
  /** An agent has switched AI off in this conversation. */
  aiOff?: boolean;
  /** Agents' messages that wait for files, and those behind them, in the order in which they came. */
  held: HeldPart[];
  /** The newest messages with files, oldest first: what is made of them later is about them. */
  fileMessages?: FileMessage[];
  /** Keys of what agents wrote in the topic last and the visitor never gets, oldest first. */
  unsaid?: string[];
  topicWanted: boolean;
  /** The newest messages of agents, oldest first: those that a reaction may tell them was read. */
  spoken?: Spoken[];
  /** A portal's agent has said its first words. */
  greeted?: boolean;
  relay: RelayState;
  deadlines: Partial<Record<DeadlineName, Deadline>>;
  inbox: InboxItem[];
}

/** Far more than a client's bounded queue repeats; older repeats meet the unique keys in Postgres. */
const SEEN_LIMIT = 1_000;

export function initialState(now: number, owner: Owner): ConversationState {
  return {
    turn: 0,
    status: 'new',
    owner,
    claimedBy: null,
    title: null,
    lastSeq: 0,
    createdAt: now,
    updatedAt: now,
    closedAt: null,
    snoozedUntil: null,
    seen: [],
    flow: initialPosition(),
    botTurns: 0,
    waitedAt: [],
    answer: null,
    questions: [],
    held: [],
    topicWanted: false,
    relay: { pending: false, parkedCount: 0 },
    deadlines: {},
    inbox: [],
  };
}

/**
 * The state of a conversation that was emptied at `now`: as if nothing had been said. Only the counts go on, by which a client
 * and the database tell what is new from what comes late.
 */
export function emptiedState({ turn, lastSeq }: ConversationState, now: number, owner: Owner): ConversationState {
  return { ...initialState(now, owner), turn: turn + 1, lastSeq };
}

/** Notes `key` as decided; false when it was decided before. */
export function remember(state: ConversationState, key: string): boolean {
  if (state.seen.includes(key)) return false;
  state.seen.push(key);
  if (state.seen.length > SEEN_LIMIT) state.seen.splice(0, state.seen.length - SEEN_LIMIT);
  return true;
}

type NamedDeadline = { name: DeadlineName } & Deadline;

function sortedDeadlines(state: ConversationState): NamedDeadline[] {
  return (Object.entries(state.deadlines) as [DeadlineName, Deadline][])
    .map(([name, deadline]) => ({ name, ...deadline }))
    .sort((a, b) => a.at - b.at);
}

/** The deadline that comes first, if any. */
export function nextDeadline(state: ConversationState): NamedDeadline | undefined {
  return sortedDeadlines(state)[0];
}

/** What is due at `now` (epoch milliseconds), earliest first, as inbox items. */
export function dueDeadlines(state: ConversationState, now: number): InboxItem[] {
  return sortedDeadlines(state)
    .filter(({ at }) => at <= now)
    .map(({ name, cause }) => ({ kind: 'deadline', name, cause }));
}
