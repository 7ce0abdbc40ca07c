import type { Attachment, FileLink } from '../../contracts/file.ts';
import { NetworkError } from './errors.ts';
import { isText } from './guards.ts';
import { call } from './httpApi.ts';
import { type Upload, uploadFile } from './uploadFile.ts';

/** The API's routes for files. Each rejects with RefusedError or NetworkError. */
export interface FileApi {
  upload(upload: Upload): Promise<Attachment>;
  /** An address that the browser may read for some minutes. */
  link(input: { id: string; token: string }): Promise<FileLink>;
}

/** `baseUrl` is the API's origin without a trailing slash. */
export function createFileApi(baseUrl: string): FileApi {
  return {
    upload: (upload) => uploadFile(`${baseUrl}/v1/webchat/files`, upload),
    async link({ id, token }) {
      const headers = { authorization: `Bearer ${token}` };
      const { url, expiresAt } = await call(`${baseUrl}/v1/webchat/files/${encodeURIComponent(id)}/link`, { headers });
      if (!isText(url) || !isText(expiresAt)) throw new NetworkError();
      return { url: `${baseUrl}${url}`, expiresAt };
    },
  };
}
