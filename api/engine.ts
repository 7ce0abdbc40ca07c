import type {
  AgentCommandSignal,
  AgentEditSignal,
  AgentMessageSignal,
  AgentUpdate,
  ConversationInput,
  ConversationSetup,
  ConversationView,
  VisitorMessageSignal,
  VisitorSawSignal,
} from '../contracts/conversation.ts';
import type { LedgerSignal } from '../contracts/ledger.ts';
import type { ErasureRef } from '../contracts/upkeep.ts';
import type { WebhookRef } from '../contracts/webhookDelivery.ts';
import type { ConversationRef } from '../contracts/workflowId.ts';

/**
 * The durable engine that runs conversations, as the edge sees it. Every call rejects with a CodedError:
 * `engine_unavailable` (out of reach or too slow: the outcome may be unknown, repeat with the same ids),
 * `conversation_not_found`, or the code with which the conversation refused a command.
 */
export interface Engine {
  /** Resolves once the message is durable, whether or not a worker is up; opens the conversation when it is the first. */
  acceptVisitorMessage(start: ConversationInput, message: VisitorMessageSignal): Promise<void>;
  /** Resolves once it is durable that the conversation begins, with the welcome and its topic; one that has begun stays as it is. */
  openConversation(start: ConversationInput, welcome: string): Promise<void>;
  signalAgentMessage(ref: ConversationRef, message: AgentMessageSignal): Promise<void>;
  signalAgentEdit(ref: ConversationRef, edit: AgentEditSignal): Promise<void>;
  /** Whoever waits for it loses nothing when it is lost. */
  signalVisitorSaw(ref: ConversationRef, seen: VisitorSawSignal): Promise<void>;
  /** Agents see what is now known of the visitor. */
  signalVisitorChanged(ref: ConversationRef): Promise<void>;
  signalAgentCommand(ref: ConversationRef, command: AgentCommandSignal): Promise<void>;
  /** Deliveries that waited for a repair of the channel are tried at once. */
  signalChannelRepaired(ref: ConversationRef): Promise<void>;
  /** Resolves once it is durable what the conversation's ledger is to be asked. */
  signalLedger(ref: ConversationRef, signal: LedgerSignal): Promise<void>;
  /** Resolves with the conversation after the command. Repeated with the same `id` it is done once. */
  command(ref: ConversationRef, update: AgentUpdate, id?: string): Promise<ConversationView>;
  /** Resolves once the rating is recorded, with the one that counts. */
  rate(ref: ConversationRef, rating: number): Promise<number>;
  /** Resolves once all that was said is deleted, and the conversation goes on as a new one with `setup`. */
  reset(ref: ConversationRef, setup: ConversationSetup): Promise<void>;
  status(ref: ConversationRef): Promise<ConversationView>;
  /** When the conversation gets a topic, as it was set up. */
  topicPolicy(ref: ConversationRef): Promise<ConversationSetup['settings']['topicPolicy']>;
  /** Starts what carries out the erasure. Repeating it for the same erasure starts nothing else. */
  startErasure(erasure: ErasureRef): Promise<void>;
  /** Has the endpoint's workflow look for what is due. */
  wakeWebhook(ref: WebhookRef): Promise<void>;
  /** Resolves when the engine answers. */
  ping(): Promise<void>;
}
