import type { Logger } from 'pino';
import type { MessagesPage } from '../../contracts/webchat.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import { listEdits } from '../../db/queries/listEdits.ts';
import { listMessages } from '../../db/queries/listMessages.ts';
import type { ApiContext } from '../context.ts';
import type { CatchUp } from './catchUp.ts';
import type { FrameSender } from './frameSender.ts';
import { LiveStream } from './liveStream.ts';

const PAGE_MESSAGES = 200;
const MOST_EDITS = 50;

interface OpenStreamOptions {
  api: Pick<ApiContext, 'db' | 'words' | 'hub' | 'receipts'>;
  catchUp: CatchUp;
  sender: FrameSender;
  logger: Pick<Logger, 'warn'>;
  ref: ConversationRef;
  since: number;
}

export interface OpenStream {
  stream: LiveStream;
  close(): Promise<void>;
}

/**
 * Sends everything after `since`, then `ready`, then what comes. It listens to the hub before it reads Postgres, so nothing falls
 * between the two; what both bring is sent once. While Postgres is out of reach the stream is live and the rest follows.
 */
export async function openStream(options: OpenStreamOptions): Promise<OpenStream> {
  const { api, catchUp, sender, ref, since } = options;
  const stream = new LiveStream(ref, since, (frame) => {
    sender.send(frame);
    api.receipts.sent(ref, frame);
  });
  const unsubscribe = await api.hub.subscribe(ref, (frames) => stream.offer(frames));
  // Before the backfill: a gap of the hub meanwhile concerns this stream too.
  const unfollow = catchUp.follow(stream);
  const closed = await backfill(options, stream);
  sender.send({ type: 'ready', conversationId: ref.conversationId, lastSeq: stream.sentSeq, closed });
  stream.goLive();
  return {
    stream,
    async close() {
      unfollow();
      await unsubscribe();
    },
  };
}

/** Returns how the conversation stands; undefined while nobody can say. */
async function backfill(
  { api, sender, logger, ref, since }: OpenStreamOptions,
  stream: LiveStream,
): Promise<MessagesPage['closed'] | undefined> {
  try {
    if (since > 0) await sendEdits(api, ref, since, sender);
    for (;;) {
      const page = await listMessages(api, ref, { since: stream.sentSeq, limit: PAGE_MESSAGES });
      stream.deliver(page.messages);
      if (page.hasMore) {
        await sender.calm();
        continue;
      }
      stream.skipTo(page.lastSeq);
      return page.closed;
    }
  } catch (err) {
    logger.warn({ err }, 'backfill failed');
    stream.readBy(0);
    return undefined;
  }
}

/** What the client has may have been changed while it was away. */
async function sendEdits(
  api: OpenStreamOptions['api'],
  ref: ConversationRef,
  upToSeq: number,
  sender: FrameSender,
): Promise<void> {
  for (const { id, seq, text, entities, editedAt } of await listEdits(api, ref, { upToSeq, limit: MOST_EDITS })) {
    if (editedAt) sender.send({ type: 'message_edited', id, seq, text, entities, editedAt });
  }
}
