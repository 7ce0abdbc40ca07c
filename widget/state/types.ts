import type { ServerFrame } from '../../contracts/frames.ts';
import type { Author, Message } from '../../contracts/message.ts';

/** A file of a message that is on its way. Its bytes are with whoever sends it. */
export interface OutgoingFile {
  id: string;
  name: string;
  type: string;
  size: number;
  /** Share of it that has been sent, 0 to 1. */
  progress: number;
  /** The server has it. */
  uploaded: boolean;
}

/** What the visitor wrote and the server has not echoed yet. `createdAt` is ISO 8601. */
export interface Outgoing {
  clientMessageId: string;
  text: string;
  choiceId?: string;
  files?: readonly OutgoingFile[];
  /** Id of the message that it answers. */
  replyTo?: string;
  createdAt: string;
  /** waiting: to be written; inFlight: written, no ack; settled: acked on this socket, not echoed; failed: refused for good. */
  phase: 'waiting' | 'inFlight' | 'settled' | 'failed';
  /** Durable on the server, whatever becomes of this socket. */
  acked: boolean;
  /** Error code of a failed message. */
  failure?: string;
}

/** An answer while it streams. Times are epoch milliseconds. */
export interface Draft {
  id: string;
  text: string;
  /** A piece is missing: what is shown stays as it is until the whole message comes. */
  broken: boolean;
  touchedAt: number;
}

/** A line between messages that is no message; shown after message `afterSeq`. */
export interface Note {
  key: string;
  afterSeq: number;
  kind: 'agent_joined' | 'info' | 'closed' | 'rated';
  text: string;
}

/** What the visitor says of a closed conversation. given: the server has it; waiting, inFlight: as of a message. */
export type Rating = { phase: 'asked' | 'given' } | { phase: 'waiting' | 'inFlight'; value: number };

export type Link = 'stopped' | 'connecting' | 'online' | 'waiting' | 'refused';

export interface WidgetState {
  open: boolean;
  /** The page is in front of the visitor. */
  visible: boolean;
  link: Link;
  conversationId: string | undefined;
  /** Ascending by seq, no two alike. */
  messages: readonly Message[];
  /** Up to here nothing is missing. */
  contiguousSeq: number;
  /** The highest seq that the server has mentioned. */
  knownSeq: number;
  outgoing: readonly Outgoing[];
  drafts: readonly Draft[];
  notes: readonly Note[];
  typing: { author: Author['kind']; since: number } | undefined;
  /** The other side has read up to here. */
  readByAgentSeq: number;
  /** The visitor has seen up to here; undefined until the first `ready` tells what is history. */
  seenSeq: number | undefined;
  /** Name of the person who answers. */
  agent: string | undefined;
  agentsPresent: number;
  closed: boolean;
  /** Of this closing; undefined while the conversation is open. */
  rating: Rating | undefined;
}

export type Action =
  | { type: 'panel'; open: boolean }
  | { type: 'visibility'; visible: boolean }
  | { type: 'link'; link: Link }
  | { type: 'conversation'; conversationId: string }
  | {
      type: 'enqueue';
      clientMessageId: string;
      text: string;
      choiceId?: string;
      files?: readonly OutgoingFile[];
      replyTo?: string;
      at: string;
    }
  | { type: 'uploading'; fileId: string; progress: number }
  | { type: 'uploaded'; fileId: string }
  | { type: 'uploadRefused'; fileId: string; code: string }
  | { type: 'written'; clientMessageId: string }
  | { type: 'rate'; rating: number }
  | { type: 'rateWritten' }
  | { type: 'retry'; clientMessageId: string }
  | { type: 'remove'; clientMessageId: string }
  | { type: 'frame'; frame: ServerFrame; at: number }
  | { type: 'backfill'; messages: readonly Message[]; lastSeq: number }
  | { type: 'tick'; at: number };

export const INITIAL_STATE: WidgetState = {
  open: false,
  visible: true,
  link: 'stopped',
  conversationId: undefined,
  messages: [],
  contiguousSeq: 0,
  knownSeq: 0,
  outgoing: [],
  drafts: [],
  notes: [],
  typing: undefined,
  readByAgentSeq: 0,
  seenSeq: undefined,
  agent: undefined,
  agentsPresent: 0,
  closed: false,
  rating: undefined,
};
