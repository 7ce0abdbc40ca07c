import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import type { ChannelFailure } from '../../channels/port.ts';
import { isTooBig } from '../../channels/telegram/createBotFiles.ts';
import type { TelegramDirectory } from '../../channels/telegram/createTelegramDirectory.ts';
import type { FetchedFile, FileActivities } from '../../contracts/activities.ts';
import type { FileRef, FileRefusal } from '../../contracts/file.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Db } from '../../db/createDb.ts';
import type { FileRow } from '../../db/queries/files/fileRow.ts';
import { markStored } from '../../db/queries/files/markStored.ts';
import { readFiles } from '../../db/queries/files/readFiles.ts';
import type { Words } from '../../db/words.ts';
import { safeFileName } from '../../storage/fileName.ts';
import { fileTypeOf } from '../../storage/fileType.ts';
import type { FileStorage } from '../../storage/port.ts';
import { throttledFailure, unavailableFailure } from '../delivery/deliveryFailures.ts';
import { whileHeartbeating } from '../whileHeartbeating.ts';

export interface FileDependencies {
  db: Db;
  words: Pick<Words, 'files'>;
  storage: FileStorage;
  telegram: Pick<TelegramDirectory, 'connectionsOf'>;
}

/** Largest file that a bot is given: "20 MB" in the Bot API, getFile; `20 << 20` in its server, MAX_DOWNLOAD_FILE_SIZE. */
const MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024;

const HEARTBEAT_EVERY_MS = 3_000;

/** Copies what agents sent from Telegram to our own storage. A file that is there already is left alone. */
export function createFileActivities({ db, words, storage, telegram }: FileDependencies): FileActivities {
  async function fetchFile(file: FileRef, row: FileRow): Promise<FileRefusal | undefined> {
    if (row.storedAt) return undefined;
    if (!row.source) return 'gone';
    if (row.size > MAX_DOWNLOAD_BYTES) return 'too_large';
    const bytes = await download(file.tenantId, await words.files.open(file.tenantId, row.source));
    if (typeof bytes === 'string') return bytes;
    const givenName = await words.files.open(file.tenantId, row.name);
    const found = await fileTypeOf(bytes, givenName);
    if (!found) return 'type_refused';
    return keep(file, bytes, { type: found.type, name: safeFileName(givenName, found.extension) });
  }

  async function keep(
    file: FileRef,
    bytes: Buffer,
    { type, name }: { type: string; name: string },
  ): Promise<FileRefusal | undefined> {
    await storage.put(file, bytes, type);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const sealedName = await words.files.seal(file.tenantId, name);
    if (await markStored(db, file, { name: sealedName, type, size: bytes.length, sha256 })) return undefined;
    // Erased while it was written.
    await storage.remove(file);
    return 'gone';
  }

  /**
   * A file's id is good for the bot that was told of it, and nobody remembers which one that was: every bot is asked. One that
   * cannot say now may be the one, so the file is given up only when all have said that they do not know it.
   */
  async function download(tenantId: string, fileId: string): Promise<Buffer | FileRefusal> {
    const connections = await telegram.connectionsOf(tenantId);
    const passing: ChannelFailure[] = [];
    for (const { client } of connections.flatMap(({ bots }) => bots)) {
      const result = await client.download(fileId, MAX_DOWNLOAD_BYTES);
      if (result.ok) return result.value;
      const { failure } = result;
      if (failure.kind !== 'rejected') passing.push(failure);
      else if (isTooBig(failure)) return 'too_large';
    }
    if (passing.length > 0) throw passingFailure(passing);
    return 'gone';
  }

  async function fetchAll(ref: ConversationRef, fileIds: readonly string[]): Promise<FetchedFile[]> {
    const rows = await readFiles(db, ref, fileIds);
    const fetched: FetchedFile[] = [];
    for (const id of fileIds) {
      const row = rows.find((known) => known.id === id);
      // There was no room for it.
      const refusal = row ? await fetchFile({ ...ref, id }, row) : 'quota';
      fetched.push(refusal ? { id, refusal } : { id });
    }
    return fetched;
  }

  return {
    fetchFiles: ({ fileIds, ...ref }) =>
      whileHeartbeating(HEARTBEAT_EVERY_MS, () => fetchAll(ref, fileIds)).catch((error: unknown) => {
        if (error instanceof Error && error.name === 'StorageError') {
          throw ApplicationFailure.retryable('The storage is out of reach', 'StorageUnavailable');
        }
        throw error;
      }),
  };
}

/** When every bot that may have the file is to be left alone, until the first may be asked; else as retries go. */
function passingFailure(failures: readonly ChannelFailure[]): ApplicationFailure {
  const rests = failures.flatMap((failure) => (failure.kind === 'throttled' ? [failure.retryAfterMs] : []));
  if (rests.length === failures.length) return throttledFailure(Math.min(...rests));
  const last = failures.findLast(({ kind }) => kind !== 'throttled');
  return unavailableFailure(last?.kind ?? 'unavailable');
}
