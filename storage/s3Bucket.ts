import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { AwsClient } from 'aws4fetch';
import { type FileStorage, StorageError, storageKey } from './port.ts';

export interface S3BucketOptions {
  /** E.g. `https://s3.eu-central-1.amazonaws.com`, or the address of any server that speaks S3. */
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Milliseconds until a request is answered. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;

/** Objects of one bucket, addressed by path as every S3-compatible server understands it. */
export function createS3Bucket({ endpoint, bucket, timeoutMs = TIMEOUT_MS, ...access }: S3BucketOptions): FileStorage {
  // Whoever called repeats, and knows how long that is worth it.
  const client = new AwsClient({ ...access, service: 's3', retries: 0 });
  const root = `${endpoint.replace(/\/+$/, '')}/${bucket}`;

  async function send(key: string, init: RequestInit): Promise<Response> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), timeoutMs);
    try {
      return await client.fetch(`${root}/${key}`, { ...init, signal: deadline.signal });
    } catch {
      throw new StorageError('The bucket is out of reach');
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async put(file, bytes, type) {
      const body = new Uint8Array(bytes);
      const headers = { 'content-type': type, 'content-length': String(bytes.length) };
      requireSuccess(await send(storageKey(file), { method: 'PUT', headers, body }));
    },

    async open(file, range) {
      const headers = range ? { range: `bytes=${range.start}-${range.end}` } : undefined;
      const response = await send(storageKey(file), { method: 'GET', headers });
      if (response.status === 404) return undefined;
      requireSuccess(response);
      return response.body ? Readable.fromWeb(response.body as ReadableStream) : Readable.from([]);
    },

    async remove(file) {
      const response = await send(storageKey(file), { method: 'DELETE' });
      if (response.status !== 404) requireSuccess(response);
    },
  };
}

/** The answer's text is left unread: it quotes the request. */
function requireSuccess({ ok, status }: Response): void {
  if (!ok) throw new StorageError(`The bucket refused a request with status ${status}`);
}
