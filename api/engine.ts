import type {
  AgentCommandSignal,
  AgentMessageSignal,
  AgentUpdate,
  ConversationInput,
  ConversationView,
  VisitorMessageSignal,
} from '../contracts/conversation.ts';
import type { ConversationRef } from '../contracts/workflowId.ts';

/**
 * The durable engine that runs conversations, as the edge sees it. Every call rejects with a CodedError:
 * `engine_unavailable` (out of reach or too slow: the outcome may be unknown, repeat with the same ids),
 * `conversation_not_found`, or the code with which the conversation refused a command.
 */
export interface Engine {
  /** Resolves once the message is durable, whether or not a worker is up; opens the conversation when it is the first. */
  acceptVisitorMessage(start: ConversationInput, message: VisitorMessageSignal): Promise<void>;
  signalAgentMessage(ref: ConversationRef, message: AgentMessageSignal): Promise<void>;
  signalAgentCommand(ref: ConversationRef, command: AgentCommandSignal): Promise<void>;
  /** Deliveries that waited for a repair of the channel are tried at once. */
  signalChannelRepaired(ref: ConversationRef): Promise<void>;
  /** Resolves with the conversation after the command. */
  command(ref: ConversationRef, update: AgentUpdate): Promise<ConversationView>;
  status(ref: ConversationRef): Promise<ConversationView>;
  /** Resolves when the engine answers. */
  ping(): Promise<void>;
}
