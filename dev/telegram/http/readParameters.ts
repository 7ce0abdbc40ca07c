import type { IncomingMessage } from 'node:http';
import { badRequest, TelegramError } from '../telegramError.ts';

export interface UploadedFile {
  name: string;
  mimeType: string;
  bytes: Buffer;
}

export interface RawParameters {
  /** As they came: JSON values, or texts from a form or the address. */
  values: Record<string, unknown>;
  /** Files of a multipart form by field name. */
  uploads: Map<string, UploadedFile>;
}

/** The Bot API takes files of 50 MB; the rest is room for the form around them. */
const maxBodyBytes = 51 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new TelegramError(413, 'Request Entity Too Large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function readForm(body: Buffer, contentType: string, into: RawParameters): Promise<void> {
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw badRequest('failed to parse the multipart form');
  }
  for (const [name, value] of form.entries()) {
    if (typeof value === 'string') into.values[name] = value;
    else {
      const bytes = Buffer.from(await value.arrayBuffer());
      into.uploads.set(name, { name: value.name, mimeType: value.type || 'application/octet-stream', bytes });
    }
  }
}

function readJson(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Falls through to Telegram's answer for any body that is no JSON object.
  }
  throw badRequest("can't parse JSON object");
}

/** Parameters from the address and the body: JSON, urlencoded or multipart, as the Bot API takes them. */
export async function readParameters(request: IncomingMessage, query: URLSearchParams): Promise<RawParameters> {
  const raw: RawParameters = { values: Object.fromEntries(query), uploads: new Map() };
  const body = await readBody(request);
  const contentType = request.headers['content-type'] ?? '';
  if (body.length === 0) return raw;
  if (contentType.startsWith('application/json')) Object.assign(raw.values, readJson(body));
  else if (contentType.startsWith('multipart/form-data')) await readForm(body, contentType, raw);
  else Object.assign(raw.values, Object.fromEntries(new URLSearchParams(body.toString('utf8'))));
  return raw;
}
