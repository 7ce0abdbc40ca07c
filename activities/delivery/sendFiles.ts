import type { ChannelResult, FileChannel, OutgoingFile, TopicAddress } from '../../channels/port.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import { type FileStorage, StorageError } from '../../storage/port.ts';
import type { FilesWrite } from './planFiles.ts';

/** How long reading the files of one write may take before its slot is given up. */
export const READ_FILES_WITHIN_MS = 12_000;

/** The bytes of a write's files. Fails as `rejected` when one is gone, as `unavailable` while the storage is out of reach. */
export async function readFilesOf(
  storage: Pick<FileStorage, 'open'>,
  ref: ConversationRef,
  { files }: FilesWrite,
): Promise<ChannelResult<OutgoingFile[]>> {
  const outgoing: OutgoingFile[] = [];
  try {
    for (const { id, name, as } of files) {
      const bytes = await storage.open({ ...ref, id });
      if (!bytes) return { ok: false, failure: { kind: 'rejected', description: 'file is gone' } };
      outgoing.push({ name, as, bytes: Buffer.concat(await bytes.toArray()) });
    }
    return { ok: true, value: outgoing };
  } catch (error) {
    const description = error instanceof StorageError ? 'storage_unavailable' : 'storage_broke_off';
    return { ok: false, failure: { kind: 'unavailable', description } };
  }
}

/** Sends what was read. Returns Telegram's ids of the messages, one a file. */
export async function sendFiles(
  channel: Pick<FileChannel, 'sendFiles'>,
  topic: TopicAddress,
  { caption, silent }: FilesWrite,
  files: readonly OutgoingFile[],
): Promise<ChannelResult<number[]>> {
  const sent = await channel.sendFiles(topic, files, { caption, silent });
  return sent.ok ? { ok: true, value: sent.value.messageIds.map(Number) } : sent;
}
