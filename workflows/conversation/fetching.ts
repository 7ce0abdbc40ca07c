import { ActivityFailure, CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import type { FetchedFile } from '../../contracts/activities.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import { firstHeld } from './heldMessages.ts';
import type { Activities } from './proxies.ts';
import type { Recording } from './recording.ts';
import type { ConversationState } from './state.ts';

/** The parts of an album come as messages of their own, within milliseconds of each other; nothing says which is the last. */
const ALBUM_QUIET_MS = 1_500;

export interface Fetching {
  /** Starts to fetch the files of the message that waits first, unless they are being fetched. */
  follow(): void;
  /** Ends what runs; what waits is for the next run. */
  stop(): Promise<void>;
}

/** Fetches the files of agents' messages, one message after the other; what came of it goes to the inbox. */
export function startFetching(
  ref: ConversationRef,
  state: ConversationState,
  { files, recording }: Pick<Activities, 'files'> & { recording: Pick<Recording, 'over'> },
): Fetching {
  const scope = new CancellationScope();
  let running: Promise<void> | undefined;

  async function fetchFirst(): Promise<void> {
    await collectAlbum();
    const message = firstHeld(state);
    const fetched = message.fate === 'said' ? await fetchAll(message.fileIds) : [];
    await recording.over();
    state.inbox.push({ kind: 'filesFetched', keys: message.keys, fetched });
  }

  async function collectAlbum(): Promise<void> {
    if (!firstHeld(state).isAlbum) return;
    for (let known = 0; known < firstHeld(state).keys.length; ) {
      known = firstHeld(state).keys.length;
      await sleep(ALBUM_QUIET_MS, { summary: 'Wait for the rest of the album' });
    }
  }

  async function fetchAll(fileIds: string[]): Promise<FetchedFile[]> {
    try {
      return await files.fetchFiles({ ...ref, fileIds });
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      return fileIds.map((id) => ({ id, refusal: 'unavailable' }));
    }
  }

  return {
    follow() {
      if (running || state.held.length === 0 || scope.consideredCancelled) return;
      running = scope
        .run(fetchFirst)
        .catch((error: unknown) => {
          if (!isCancellation(error)) throw error;
        })
        .finally(() => {
          running = undefined;
        });
    },
    async stop() {
      scope.cancel();
      await condition(() => running === undefined);
    },
  };
}
