import type { Choice } from '../../contracts/message.ts';

/** A variable of a flow: what CEL conditions read and `{{name}}` in texts shows. */
export type FlowValue = string | number | boolean | null;

/** Where a conversation stands in its flow; plain JSON, carried along at continue-as-new. */
export interface FlowPosition {
  /** The step that waits for the visitor or a timer; null when no step waits (the next message looks for a trigger). */
  stepId: string | null;
  variables: Record<string, FlowValue>;
  /** Failed tries of the waiting input or choices step. */
  attempts: number;
  /** Whether the first message was seen, so that `first_message` triggers fire once per opening. */
  started: boolean;
}

export type FlowEvent =
  | { kind: 'message'; text: string; choiceId?: string }
  /** The wait that an outcome asked for is over. */
  | { kind: 'waitElapsed' }
  /** The AI step has answered (`answered`) or could not (`unanswered`); the flow goes on where that step says. */
  | { kind: 'aiFinished'; answered: boolean };

export interface FlowReply {
  text: string;
  choices?: Choice[];
}

/** What the workflow has to do after sending the replies. */
export type FlowNext =
  /** Nothing until the visitor's next message. */
  | { kind: 'await' }
  | { kind: 'wait'; seconds: number }
  | { kind: 'ai' }
  /** `said`: the step's own words are among the replies, so the site's copy is not said. */
  | { kind: 'handover'; reason: string; said?: true }
  | { kind: 'close'; said?: true }
  /** No trigger matched and no step waits: the message is not the flow's, the next owner has to answer. */
  | { kind: 'unmatched' };

export interface FlowOutcome {
  position: FlowPosition;
  replies: FlowReply[];
  next: FlowNext;
}
