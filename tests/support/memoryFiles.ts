import { Readable } from 'node:stream';
import { type FileStorage, storageKey } from '../../storage/port.ts';

export interface MemoryFiles extends FileStorage {
  /** Storage keys of what is there, in their order. */
  keys(): string[];
}

/** A storage in the memory of one test. */
export function memoryFiles(): MemoryFiles {
  const files = new Map<string, Buffer>();
  return {
    put: async (file, bytes) => void files.set(storageKey(file), bytes),
    async open(file, range) {
      const bytes = files.get(storageKey(file));
      return bytes && Readable.from([range ? bytes.subarray(range.start, range.end + 1) : bytes]);
    },
    remove: async (file) => void files.delete(storageKey(file)),
    keys: () => [...files.keys()].toSorted(),
  };
}
