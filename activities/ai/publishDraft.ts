import type { Hub } from '../../channels/web/hub.ts';
import type { ServerFrame } from '../../contracts/frames.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';

// A frame every 40 ms reads as fluent; a token a frame would be up to ten times the traffic.
const FLUSH_AFTER_MS = 40;
const FLUSH_AT_LENGTH = 160;

/** An answer in the making, as the visitor sees it grow. */
export interface Draft {
  /** All that was appended, published or not. */
  readonly text: string;
  append(piece: string): void;
  /** Publishes what is left. */
  finish(): Promise<void>;
  /** Takes back whatever was shown. */
  discard(): Promise<void>;
}

/**
 * Shows that an answer is being written and publishes it in deltas, gathered by time and size. With `startedBefore`, an
 * earlier attempt may have shown some text: it is taken back first.
 */
export function publishDraft(hub: Hub, ref: ConversationRef, draftId: string, startedBefore: boolean): Draft {
  let text = '';
  let published = 0;
  let timer: NodeJS.Timeout | undefined;
  let publishing = send([
    ...(startedBefore ? [{ type: 'message_discard', draftId } as const] : []),
    { type: 'typing', active: true, author: 'ai' },
  ]);

  function send(frames: ServerFrame[]): Promise<void> {
    return hub.publish(ref, frames);
  }

  /** One after the other: frames of one draft must not overtake each other. */
  function enqueue(frames: ServerFrame[]): Promise<void> {
    publishing = publishing.then(() => send(frames));
    return publishing;
  }

  function takeDelta(): ServerFrame[] {
    clearTimeout(timer);
    timer = undefined;
    if (published === text.length) return [];
    const delta: ServerFrame = { type: 'message_delta', draftId, offset: published, text: text.slice(published) };
    published = text.length;
    return [delta];
  }

  const flush = () => void enqueue(takeDelta());

  return {
    get text() {
      return text;
    },
    append(piece) {
      text += piece;
      if (text.length - published >= FLUSH_AT_LENGTH) flush();
      else timer ??= setTimeout(flush, FLUSH_AFTER_MS);
    },
    finish: () => enqueue([...takeDelta(), { type: 'typing', active: false, author: 'ai' }]),
    discard() {
      clearTimeout(timer);
      const shown: ServerFrame[] = published > 0 ? [{ type: 'message_discard', draftId }] : [];
      return enqueue([...shown, { type: 'typing', active: false, author: 'ai' }]);
    },
  };
}
