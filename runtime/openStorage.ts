import type { Env } from '../config/env.ts';
import { createLocalFolder } from '../storage/localFolder.ts';
import type { FileStorage } from '../storage/port.ts';
import { createS3Bucket } from '../storage/s3Bucket.ts';

export type StorageEnv = Pick<
  Env,
  'FILES_FOLDER' | 'S3_ENDPOINT' | 'S3_BUCKET' | 'S3_REGION' | 'S3_ACCESS_KEY_ID' | 'S3_SECRET_ACCESS_KEY'
>;

/** A bucket where one is configured, else the folder. API and workers must see the same. */
export function openStorage(env: StorageEnv): FileStorage {
  const { S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = env;
  if (!S3_ENDPOINT || !S3_BUCKET || !S3_ACCESS_KEY_ID || !S3_SECRET_ACCESS_KEY) {
    return createLocalFolder(env.FILES_FOLDER);
  }
  return createS3Bucket({
    endpoint: S3_ENDPOINT,
    bucket: S3_BUCKET,
    region: env.S3_REGION,
    accessKeyId: S3_ACCESS_KEY_ID,
    secretAccessKey: S3_SECRET_ACCESS_KEY,
  });
}
