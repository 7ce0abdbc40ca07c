import type { NoteRecord, OutboxItem, RecordTurnInput } from '../../contracts/activities.ts';
import type { DecidedMessage } from '../../contracts/conversation.ts';
import type { Attachment } from '../../contracts/file.ts';
import { type MessageContent, sealMessage, type Words } from '../words.ts';

/** A turn as it is written: all that anybody said in it is sealed, in base64 as JSON carries it. */
export interface SealedTurn
  extends Pick<RecordTurnInput, 'tenantId' | 'conversationId' | 'conversation' | 'events' | 'backfillTopic'> {
  messages: (Omit<DecidedMessage, keyof MessageContent> & { content: string; attachments?: string[] })[];
  edits: { messageId: string; editedAt: number; content: string }[];
  notes: NoteRecord[];
  outbox: (Omit<OutboxItem, 'effect'> & { effect: SealedEffect })[];
}

interface SealedEffect {
  kind: OutboxItem['effect']['kind'];
  messageId?: string;
  silent?: boolean;
  telegramMessageId?: number;
  /** A notice's text, a rename's title, a reaction's emoji or a menu's names as JSON. */
  words?: string;
}

/**
 * Seals a turn for its tenant, some microseconds a text once the tenant's keys are known. `files` are those of its messages,
 * by their ids: what a reader needs of them stands in the message itself.
 */
export async function sealTurn(
  words: Words,
  input: RecordTurnInput,
  files: ReadonlyMap<string, Attachment>,
): Promise<SealedTurn> {
  const { tenantId, conversationId, conversation, events, backfillTopic } = input;
  const [messages, edits, notes, outbox] = await Promise.all([
    Promise.all(input.messages.map((message) => withSealedContent(words, tenantId, message, files))),
    Promise.all(
      input.edits.map(async ({ messageId, editedAt, text, entities }) => ({
        messageId,
        editedAt,
        content: await base64(sealMessage(words, tenantId, { text, entities })),
      })),
    ),
    Promise.all(
      input.notes.map(async (note) => ({ ...note, text: await base64(words.notes.seal(tenantId, note.text)) })),
    ),
    Promise.all(input.outbox.map((item) => withSealedWords(words, tenantId, item))),
  ]);
  return { tenantId, conversationId, conversation, events, backfillTopic, messages, edits, notes, outbox };
}

async function withSealedContent(
  words: Words,
  tenantId: string,
  message: DecidedMessage,
  files: ReadonlyMap<string, Attachment>,
) {
  const { text, entities, replyTo, choices, sources, ...rest } = message;
  const attachments = attachmentsOf(message, files);
  return {
    ...rest,
    content: await base64(sealMessage(words, tenantId, { text, entities, replyTo, choices, sources, attachments })),
  };
}

/** The message's files as readers see them; those that have gone meanwhile are left out. */
export function attachmentsOf(
  { attachments }: Pick<DecidedMessage, 'attachments'>,
  files: ReadonlyMap<string, Attachment>,
): Attachment[] | undefined {
  return attachments?.flatMap((id) => files.get(id) ?? []);
}

async function withSealedWords(words: Words, tenantId: string, { effect, ...item }: OutboxItem) {
  switch (effect.kind) {
    case 'notice': {
      const { text, ...rest } = effect;
      return { ...item, effect: { ...rest, words: await base64(words.effects.seal(tenantId, text)) } };
    }
    case 'rename':
      return {
        ...item,
        effect: { kind: effect.kind, words: await base64(words.effects.seal(tenantId, effect.title)) },
      };
    case 'canned_menu': {
      const { kind, names } = effect;
      return { ...item, effect: { kind, words: await base64(words.effects.seal(tenantId, JSON.stringify(names))) } };
    }
    case 'reaction': {
      const { emoji, ...rest } = effect;
      return { ...item, effect: { ...rest, words: await base64(words.effects.seal(tenantId, emoji)) } };
    }
    default:
      return { ...item, effect };
  }
}

async function base64(sealed: Promise<Buffer>): Promise<string> {
  return (await sealed).toString('base64');
}
