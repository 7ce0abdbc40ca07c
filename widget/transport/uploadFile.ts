import type { Attachment } from '../../contracts/file.ts';
import { NetworkError, RefusedError } from './errors.ts';
import { optionalText, parseAttachment, parseObject } from './guards.ts';

export interface Upload {
  /** The server knows a repeat by it. */
  id: string;
  file: File;
  token: string;
  /** Share of it that has been sent, 0 to 1. */
  onProgress(share: number): void;
}

/** Nothing was sent or received for that long: the line is dead. */
const SILENCE_MS = 30_000;

/** Sends a file, and says how far it is, which `fetch` does not. Rejects with RefusedError or NetworkError. */
export function uploadFile(url: string, { id, file, token, onProgress }: Upload): Promise<Attachment> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let silence = setTimeout(() => request.abort(), SILENCE_MS);
    request.open('POST', url);
    request.setRequestHeader('authorization', `Bearer ${token}`);
    request.upload.onprogress = ({ loaded, total }) => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), SILENCE_MS);
      onProgress(total > 0 ? Math.min(1, loaded / total) : 0);
    };
    request.onloadend = () => {
      clearTimeout(silence);
      const answer = outcomeOf(request);
      if (answer instanceof Error) reject(answer);
      else resolve(answer);
    };
    const form = new FormData();
    form.append('id', id);
    form.append('file', file);
    request.send(form);
  });
}

function outcomeOf(request: XMLHttpRequest): Attachment | Error {
  const { status } = request;
  const body = parseObject(request.responseText);
  const attachment = status === 201 ? parseAttachment(body ?? {}) : undefined;
  if (attachment) return attachment;
  if (status < 400) return new NetworkError();
  const seconds = Number(body?.retryAfter ?? Number.NaN);
  return new RefusedError(
    status,
    optionalText(body?.code) ?? 'unknown',
    Number.isFinite(seconds) ? seconds : undefined,
  );
}
