import type { Readable } from 'node:stream';
import type { FileRef } from '../contracts/file.ts';

/** First and last byte, both included. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * Where the bytes of files are. Every method rejects with a {@link StorageError} while the storage is out of reach; repeating
 * any of them is safe.
 */
export interface FileStorage {
  /** Resolves once the bytes would survive a crash; whoever reads meanwhile gets the old ones or all of the new. */
  put(file: FileRef, bytes: Buffer, type: string): Promise<void>;
  /** Undefined when there is no such file. */
  open(file: FileRef, range?: ByteRange): Promise<Readable | undefined>;
  /** No error when it is gone already. */
  remove(file: FileRef): Promise<void>;
}

/** The storage could not be reached, or refused what it should take. Names no file. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}

/** Ids alone: no name of a person or of a file is in a path. */
export function storageKey({ tenantId, conversationId, id }: FileRef): string {
  return `${tenantId}/${conversationId}/${id}`;
}
