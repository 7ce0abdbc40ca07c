import { ApplicationFailure } from '@temporalio/common';
import type { BaseLogger } from 'pino';
import type { Hub } from '../channels/web/hub.ts';
import {
  CONVERSATION_ERASED,
  type MessageEdit,
  type RecordActivities,
  type RecordTurnInput,
} from '../contracts/activities.ts';
import type { DecidedMessage } from '../contracts/conversation.ts';
import type { Attachment } from '../contracts/file.ts';
import type { ServerFrame } from '../contracts/frames.ts';
import type { WebhookRef } from '../contracts/webhookDelivery.ts';
import type { Db } from '../db/createDb.ts';
import { CONVERSATION_ERASED_STATE, DatabaseError } from '../db/databaseError.ts';
import { type RecordedTurn, recordTurn } from '../db/queries/recordTurn.ts';
import { attachmentsOf, sealTurn } from '../db/queries/sealTurn.ts';
import type { Words } from '../db/words.ts';
import { readAttachments } from './files/readAttachments.ts';
import { publish } from './publish.ts';
import { withKnownAnswers } from './withKnownAnswers.ts';

export interface RecordDependencies {
  db: Db;
  words: Words;
  hub: Pick<Hub, 'publish'>;
  /** Has an endpoint's workflow look for what is due, and lets nobody wait for it; without it, the sweep brings that. */
  wakeWebhook?: (ref: WebhookRef) => void;
  logger?: Pick<BaseLogger, 'warn'>;
}

/**
 * The local activity of every turn: one transaction in one round trip, then the frames. Rejects with a `DatabaseError`
 * and writes nothing, or resolves once all is committed; a repeat publishes again, and clients know a frame by its id.
 */
export function createRecordActivities({ db, words, hub, wakeWebhook, logger }: RecordDependencies): RecordActivities {
  return {
    async recordTurn(decided) {
      const input = await withKnownAnswers(db, decided);
      const { tenantId, conversationId } = input;
      const fileIds = input.messages.flatMap(({ attachments }) => attachments ?? []);
      const files = await readAttachments({ db, words }, { tenantId, conversationId }, fileIds);
      const turn = await sealTurn(words, input, files);
      const recorded = await recordTurn(db, turn).catch(refuseErased);
      for (const endpointId of recorded.webhooks) wakeWebhook?.({ tenantId, endpointId });
      await publish({ hub, logger }, { tenantId, conversationId }, framesOf(input, recorded, files));
      return { lastSeq: recorded.lastSeq };
    },
  };
}

/** Nothing is written of a conversation that is being erased (trigger `conversations_erased`): repeating it cannot help. */
function refuseErased(error: unknown): never {
  if (!(error instanceof DatabaseError) || error.sqlState !== CONVERSATION_ERASED_STATE) throw error;
  throw ApplicationFailure.nonRetryable('The conversation is erased', CONVERSATION_ERASED);
}

/** Who joined, the turn's messages in the order of their numbers, and what follows from them. */
function framesOf(
  { messages, edits, frames }: RecordTurnInput,
  { seqs, edited }: RecordedTurn,
  files: ReadonlyMap<string, Attachment>,
): ServerFrame[] {
  const numbered = messages.flatMap((message) => {
    const seq = seqs.get(message.id);
    return seq === undefined ? [] : [messageFrame(message, seq, files)];
  });
  const isAnnouncement = ({ type }: ServerFrame) => type === 'agent_joined';
  return [
    ...frames.filter(isAnnouncement),
    ...numbered.sort((a, b) => a.seq - b.seq),
    ...edits.flatMap((edit) => editFrame(edit, edited.get(edit.messageId)) ?? []),
    ...frames.filter((frame) => !isAnnouncement(frame)),
  ];
}

function editFrame(
  { messageId, text, entities, editedAt }: MessageEdit,
  seq: number | undefined,
): ServerFrame | undefined {
  if (seq === undefined) return undefined;
  const at = new Date(editedAt).toISOString();
  return { type: 'message_edited', id: messageId, seq, text, ...(entities ? { entities } : {}), editedAt: at };
}

function messageFrame(
  message: DecidedMessage,
  seq: number,
  files: ReadonlyMap<string, Attachment>,
): Extract<ServerFrame, { type: 'message' }> {
  const { author, createdAt } = message;
  return {
    type: 'message',
    ...message,
    attachments: attachmentsOf(message, files),
    seq,
    createdAt: new Date(createdAt).toISOString(),
    ...(author.kind === 'agent' && author.name !== undefined ? { agent: author.name } : {}),
  };
}
