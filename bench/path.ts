import type { Watched } from './processorTime.ts';

/** One message on its way. Times are of `performance.now()`; both reject when the path refuses or loses the message. */
export interface Sent {
  /** When the path took responsibility for the message. */
  acked: Promise<number>;
  /** When the path had done what it does with a message. */
  replied: Promise<number>;
}

/** What is measured: a number of conversations that are open and take messages. */
export interface Path {
  name: string;
  conversations: number;
  /** The processes that serve this path alone. */
  processes: Watched;
  send(conversation: number): Sent;
  close(): Promise<void>;
}
