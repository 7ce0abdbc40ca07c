import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UploadedFile } from '../http/readParameters.ts';
import type { FileRecord } from './records.ts';
import type { Store } from './store.ts';

/** Bytes of files: beside the journal when there is one, else in memory. */
export class FileStorage {
  private readonly folder: string | undefined;
  private readonly memory = new Map<string, Buffer>();

  constructor(stateFolder?: string) {
    this.folder = stateFolder && join(stateFolder, 'files');
    if (this.folder) mkdirSync(this.folder, { recursive: true });
  }

  /** Keeps a file and gives it its ids. */
  add(store: Store, upload: UploadedFile, kind: string): FileRecord {
    const uniqueId = createHash('sha256').update(upload.bytes).digest('base64url').slice(0, 16);
    const fileId = `${kind}-${randomBytes(24).toString('base64url')}`;
    const extension = /\.[a-z0-9]{1,8}$/i.exec(upload.name)?.[0] ?? '';
    const record: FileRecord = {
      fileId,
      uniqueId,
      name: upload.name,
      mimeType: upload.mimeType,
      size: upload.bytes.length,
      path: `${kind}s/file_${store.count('file')}${extension}`,
    };
    if (this.folder) writeFileSync(join(this.folder, uniqueId), upload.bytes);
    else this.memory.set(uniqueId, upload.bytes);
    store.put('file', record);
    return record;
  }

  read(record: FileRecord): Buffer | undefined {
    if (!this.folder) return this.memory.get(record.uniqueId);
    const path = join(this.folder, record.uniqueId);
    return existsSync(path) ? readFileSync(path) : undefined;
  }
}
