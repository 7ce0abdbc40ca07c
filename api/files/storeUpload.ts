import { createHash } from 'node:crypto';
import { CodedError } from '../../contracts/errors.ts';
import type { Attachment, FileRef } from '../../contracts/file.ts';
import { markStored } from '../../db/queries/files/markStored.ts';
import { reserveFile } from '../../db/queries/files/reserveFile.ts';
import { safeFileName } from '../../storage/fileName.ts';
import { fileTypeOf } from '../../storage/fileType.ts';
import { StorageError } from '../../storage/port.ts';
import type { ApiContext } from '../context.ts';

/**
 * Keeps a visitor's file until a message carries it. A repeat under the same id finds its own; other bytes under it are
 * refused. Throws `file_empty`, `file_type_refused`, `file_quota_exceeded`, `conflict`, `conversation_not_found` or
 * `storage_unavailable`.
 */
export async function storeUpload(
  api: Pick<ApiContext, 'db' | 'words' | 'storage'>,
  file: FileRef,
  { bytes, name: givenName }: { bytes: Buffer; name: string },
): Promise<Attachment> {
  if (bytes.length === 0) throw new CodedError('file_empty', 'The file is empty.');
  const found = await fileTypeOf(bytes, givenName);
  if (!found) throw new CodedError('file_type_refused', 'Files of this type are not taken.');
  const name = safeFileName(givenName, found.extension);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const sealedName = await api.words.files.seal(file.tenantId, name);
  const stored = { name: sealedName, size: bytes.length, type: found.type, sha256 };
  const attachment = { id: file.id, name, type: found.type, size: bytes.length };
  const reservation = await reserveFile(api.db, { ...file, ...stored });
  if (reservation.kind === 'quota') {
    throw new CodedError('file_quota_exceeded', 'This conversation has as many files as it may have.');
  }
  if (reservation.kind === 'erased') throw gone();
  if (reservation.kind === 'known') {
    if (reservation.file.sha256 !== sha256) throw new CodedError('conflict', 'Another file has this id.');
    if (reservation.file.storedAt) {
      return { ...attachment, name: await api.words.files.open(file.tenantId, reservation.file.name) };
    }
  }
  await putBytes(api, file, bytes, stored);
  return attachment;
}

async function putBytes(
  { db, storage }: Pick<ApiContext, 'db' | 'storage'>,
  file: FileRef,
  bytes: Buffer,
  stored: Parameters<typeof markStored>[2],
): Promise<void> {
  try {
    await storage.put(file, bytes, stored.type);
    if (await markStored(db, file, stored)) return;
    // Erased while it was written.
    await storage.remove(file);
  } catch (cause) {
    if (cause instanceof StorageError) throw unavailable(cause);
    throw cause;
  }
  throw gone();
}

/** What a client is told of a storage that cannot be used. */
export function unavailable(cause: StorageError): CodedError {
  return new CodedError('storage_unavailable', 'Files cannot be kept or read at the moment.', {
    cause,
    retryAfterSeconds: 5,
  });
}

function gone(): CodedError {
  return new CodedError('conversation_not_found', 'There is no such conversation.');
}
