import type { FlowDefinition } from './flow.ts';
import type { Choice, ReceiptStatus, ReplyTo, TextEntity } from './message.ts';
import type { ConversationSettings } from './site.ts';
import type { ClaimPolicy } from './tenantSettings.ts';
import type { VisitSource } from './webchat.ts';

/** new: the bot's; waiting: handed over, nobody claimed it yet; active: a person answers; closed: until reopened or purged. */
export type ConversationStatus = 'new' | 'waiting' | 'active' | 'closed';

/** Only the owner may speak to the visitor. */
export type Owner = 'flow' | 'ai' | 'human';

/** Where a conversation is held. */
export type ConversationChannel = 'web' | 'portal';

/** A tenant's named AI agent, as it speaks in one conversation: with its own name and by its own instructions. */
export interface AiPersona {
  id: string;
  name: string;
  instructions: string;
  /** Its first words, recorded before the user's first message. */
  greeting: string | null;
}

/**
 * What a conversation is opened with: fixed until it is purged or emptied, so a flow or an agent that is changed later changes
 * only later conversations. A portal's conversation has an agent and no site.
 */
export interface ConversationSetup {
  siteId: string | null;
  flow: { id: string; version: number; definition: FlowDefinition } | null;
  settings: ConversationSettings;
  agent?: AiPersona;
  /** What becomes of another agent's words in a claimed conversation; absent: they join. */
  claimPolicy?: ClaimPolicy;
}

/** Who answers first: the flow, or an agent that has none. */
export function firstOwnerOf({ agent, flow }: Pick<ConversationSetup, 'agent' | 'flow'>): Owner {
  return agent && !flow ? 'ai' : 'flow';
}

/** The workflow's input. `carried` is the state of the run before, at continue-as-new. */
export interface ConversationInput<Carried = unknown> {
  tenantId: string;
  conversationId: string;
  channel: ConversationChannel;
  visitor: { name?: string; externalSessionId?: string };
  source: VisitSource;
  setup: ConversationSetup;
  carried?: Carried;
}

/** Signal `visitorMessage`. `receivedAt` is epoch milliseconds at the API. */
export interface VisitorMessageSignal {
  clientMessageId: string;
  text: string;
  choiceId?: string;
  /** Ids of files that are stored already. */
  attachments?: string[];
  /** Id of the message that it answers, as the client says. */
  replyTo?: string;
  receivedAt: number;
}

/** Signal `open`: a client of the first contract begins, which makes the topic at once. `welcome` is what the visitor is greeted with. */
export interface OpenSignal {
  welcome: string;
}

/** Argument of the update `reset`: empties the conversation, which goes on as a new one with `setup`. */
export interface ResetUpdate {
  setup: ConversationSetup;
}

/** A person who answers: `id` is stable within the channel (`telegram:4711`). */
export interface Agent {
  id: string;
  name: string;
}

/** Signal `agentMessage`: a person wrote in the conversation's topic. `key` is the idempotency key of the update. */
export interface AgentMessageSignal {
  key: string;
  agent: Agent;
  text: string;
  /** Ids of files that still have to be fetched from the channel. */
  attachments?: string[];
  /** Messages with the same `id` are one: what was sent together, in the order of `place`. */
  album?: { id: string; place: number };
  /** Tells its file from another, whichever bot tells of it. */
  filePrint?: string;
  /** Not for the visitor: a note, or files whose caption is a command; then `mistake` says to the agents what is wrong. */
  internal?: { mistake?: string };
  entities?: TextEntity[];
  /** `key` is that of an agent's message; a message that was mirrored to the topic has an id. */
  replyTo?: { key: string; messageId?: string; quote?: string };
}

/** Signal `agentEdit`: a person changed the message that had come with the key `of`. `editedAt` is epoch milliseconds. */
export interface AgentEditSignal {
  key: string;
  of: string;
  agent: Agent;
  text: string;
  entities?: TextEntity[];
  /** Of the file that the message has now. */
  filePrint?: string;
  editedAt: number;
}

/** Signal `visitorSaw`: the visitor's widget has shown this message and all before it, or the visitor has read them. */
export interface VisitorSawSignal {
  messageId: string;
  status: ReceiptStatus;
}

/** Argument of the update `rate`, 1 to 5, and its answer: the rating that counts, of one closing the first. */
export interface Rating {
  rating: number;
}

/** Signal `agentCommand`: what a person asks for in the topic, where the answer is given as well. */
export interface AgentCommandSignal {
  key: string;
  agent: Agent;
  command: TopicCommand;
}

/** Longest subject of a conversation, in UTF-16 code units. */
export const MAX_TITLE = 128;

/** `snooze.until` is epoch milliseconds. */
export type AgentCommand =
  | { name: 'claim' }
  | { name: 'release' }
  | { name: 'close' }
  | { name: 'reopen' }
  | { name: 'rename'; title: string }
  | { name: 'note'; text: string }
  | { name: 'snooze'; until: number }
  /** Whether AI may answer in this conversation, where its site lets it at all. */
  | { name: 'ai'; on: boolean };

/** What an update may ask for. */
export type UpdateCommand =
  | AgentCommand
  /** One of the tenant's prepared answers, said in the agent's name. */
  | { name: 'canned'; text: string };

/** What is asked for in the topic alone. */
export type TopicCommand =
  | UpdateCommand
  /** The prepared answers, to choose from. */
  | { name: 'canned_menu'; names: string[] }
  | { name: 'whoami' }
  /** An answer to the agents, e.g. to a mistyped command. */
  | { name: 'tell'; text: string };

/** Argument of the update that is called as its command is: the command and who gives it. */
export interface AgentUpdate {
  agent: Agent;
  command: UpdateCommand;
}

/** Answer of every update and of the query `status`: why the conversation is as it is. Times are epoch milliseconds. */
export interface ConversationView {
  status: ConversationStatus;
  owner: Owner;
  claimedBy: Agent | null;
  title: string | null;
  lastSeq: number;
  waitingFor: string;
  deadlines: Partial<Record<DeadlineName, number>>;
}

export type DeadlineName = 'flowWait' | 'idleReminder' | 'idleClose' | 'firstResponseSla' | 'snooze' | 'retention';

/** A message as the workflow decided it, before the database numbered it. `createdAt` is epoch milliseconds. */
export interface DecidedMessage {
  /** Derived from what caused it, unique within the conversation (key: conversation_id, id). */
  id: string;
  direction: 'INBOUND' | 'OUTBOUND';
  author: { kind: 'visitor' | 'bot' | 'ai' | 'agent' | 'system'; name?: string };
  text: string;
  /** With it the text is literal; see {@link TextEntity}. */
  entities?: TextEntity[];
  replyTo?: ReplyTo;
  choices?: Choice[];
  sources?: { title: string; url?: string }[];
  /** Ids of its files. */
  attachments?: string[];
  clientMessageId?: string;
  createdAt: number;
}

/** Domain events, recorded in the transaction of what caused them. */
export type DomainEventName =
  | 'conversation.started'
  | 'message.added'
  | 'conversation.claimed'
  | 'conversation.handed_over'
  | 'conversation.sla_breached'
  | 'conversation.closed'
  | 'conversation.rated'
  | 'conversation.reopened'
  | 'conversation.renamed'
  | 'conversation.reset';
