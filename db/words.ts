import type { DecidedMessage } from '../contracts/conversation.ts';
import type { Attachment } from '../contracts/file.ts';
import { storableJson } from './queries/storableJson.ts';

/** Seals one kind of column under the tenant's data key, and opens it again for that tenant alone. */
export interface Sealer {
  seal(tenantId: string, clear: string): Promise<Buffer>;
  open(tenantId: string, sealed: Buffer): Promise<string>;
}

/** What people say is sealed before it is stored: each kind of column for itself, so that none passes for another. */
export interface Words {
  /** {@link MessageContent} as JSON. */
  messages: Sealer;
  notes: Sealer;
  /** The words of effects in the delivery ledger. */
  effects: Sealer;
  /** Names of files, and what a channel calls them. */
  files: Sealer;
  /** Makes sure that the tenant's keys are at hand: inside a transaction, reading them would need a second connection. */
  ready(tenantId: string): Promise<void>;
}

/** What of a message is anybody's words. */
export interface MessageContent extends Pick<DecidedMessage, 'text' | 'entities' | 'replyTo' | 'choices' | 'sources'> {
  attachments?: Attachment[];
}

export function sealMessage(
  words: Pick<Words, 'messages'>,
  tenantId: string,
  { text, entities, replyTo, choices, sources, attachments }: MessageContent,
): Promise<Buffer> {
  return words.messages.seal(tenantId, storableJson({ text, entities, replyTo, choices, sources, attachments }));
}

export async function openMessage(
  words: Pick<Words, 'messages'>,
  tenantId: string,
  sealed: Buffer,
): Promise<MessageContent> {
  return JSON.parse(await words.messages.open(tenantId, sealed)) as MessageContent;
}
