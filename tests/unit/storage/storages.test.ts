import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileRef } from '../../../contracts/file.ts';
import { createLocalFolder } from '../../../storage/localFolder.ts';
import { type FileStorage, StorageError } from '../../../storage/port.ts';
import { createS3Bucket } from '../../../storage/s3Bucket.ts';
import { startS3, type TestS3 } from '../../support/startS3.ts';

const ACCESS = { bucket: 'parley-files', accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' };

let folder: string;
let s3: TestS3;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-storage-'));
  s3 = await startS3(ACCESS);
});
afterAll(async () => {
  await s3.close();
  await rm(folder, { recursive: true });
});

const bucket = (change: { secretAccessKey?: string; bucket?: string; endpoint?: string } = {}) =>
  createS3Bucket({ endpoint: s3.endpoint, region: 'eu-central-1', ...ACCESS, ...change });

const newFile = (): FileRef => ({ tenantId: uuidv7(), conversationId: uuidv7(), id: uuidv7() });

async function read(storage: FileStorage, ...args: Parameters<FileStorage['open']>): Promise<string | undefined> {
  const bytes = await storage.open(...args);
  return bytes && Buffer.concat(await bytes.toArray()).toString();
}

describe.each([
  ['a folder', () => createLocalFolder(join(folder, 'local'))],
  ['a bucket of S3', () => bucket()],
])('%s', (_name, create) => {
  it('gives back what was put there, all of it or a part', async () => {
    const storage = create();
    const file = newFile();
    await storage.put(file, Buffer.from('0123456789'), 'text/plain');
    expect(await read(storage, file)).toBe('0123456789');
    expect(await read(storage, file, { start: 2, end: 4 })).toBe('234');
    await storage.put(file, Buffer.from('again'), 'text/plain');
    expect(await read(storage, file)).toBe('again');
  });

  it('has nothing under another id, nor after it was removed, however often', async () => {
    const storage = create();
    const file = newFile();
    await storage.put(file, Buffer.from('here'), 'text/plain');
    expect(await read(storage, { ...file, tenantId: uuidv7() })).toBeUndefined();
    await storage.remove(file);
    await storage.remove(file);
    expect(await read(storage, file)).toBeUndefined();
  });
});

describe('a storage that cannot be used', () => {
  const refused = async (storage: FileStorage) => {
    const error = await storage.put(newFile(), Buffer.from('x'), 'text/plain').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StorageError);
    return (error as StorageError).message;
  };

  it('is told from a file that is not there, without a word about file or keys', async () => {
    expect(await refused(bucket({ secretAccessKey: 'another' }))).toBe('The bucket refused a request with status 403');
    expect(await refused(bucket({ bucket: 'nobodys' }))).toBe('The bucket refused a request with status 404');
    expect(await refused(bucket({ endpoint: 'http://127.0.0.1:1' }))).toBe('The bucket is out of reach');
    expect(await refused(createLocalFolder('/etc/hostname/files'))).toBe(
      'The folder for files cannot be used (ENOTDIR)',
    );
  });

  it('never leaves half a file where a whole one is looked for', async () => {
    const root = join(folder, 'drafts');
    const storage = createLocalFolder(root);
    const file = newFile();
    await Promise.all(
      Array.from({ length: 20 }, (_, turn) => storage.put(file, Buffer.alloc(100_000, turn), 'image/png')),
    );
    expect(await readdir(join(root, file.tenantId, file.conversationId))).toEqual([file.id]);
    expect(new Set(await (await storage.open(file))?.toArray().then((chunks) => Buffer.concat(chunks)))).toHaveLength(
      1,
    );
  });
});
