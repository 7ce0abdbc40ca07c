import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { type FileStorage, StorageError, storageKey } from './port.ts';

const CODE_OF_MISSING = 'ENOENT';

/** Files below one folder, for an installation on one machine, or on several with a shared volume. */
export function createLocalFolder(root: string): FileStorage {
  const base = path.resolve(root);

  function pathOf(key: string): string {
    const file = path.join(base, key);
    if (!file.startsWith(base + path.sep)) throw new StorageError('A key leads out of the folder');
    return file;
  }

  return {
    put: (ref, bytes) =>
      reporting(async () => {
        const file = pathOf(storageKey(ref));
        await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
        const draft = `${file}.${randomUUID()}`;
        try {
          await write(draft, bytes);
          await rename(draft, file);
        } catch (error) {
          await rm(draft, { force: true });
          throw error;
        }
      }),

    open: (ref, range) =>
      reporting(async () => {
        const handle = await open(pathOf(storageKey(ref))).catch(noneWhenMissing);
        return handle?.createReadStream(range ?? {});
      }),

    remove: (ref) => reporting(() => rm(pathOf(storageKey(ref)), { force: true })),
  };
}

async function write(file: string, bytes: Buffer): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function noneWhenMissing(error: unknown): undefined {
  if (codeOf(error) !== CODE_OF_MISSING) throw error;
}

async function reporting<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StorageError) throw error;
    throw new StorageError(`The folder for files cannot be used (${codeOf(error) ?? 'unknown'})`);
  }
}

function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : undefined;
}
