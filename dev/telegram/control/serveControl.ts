import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Emulator } from '../emulator.ts';
import { readBody } from '../http/readParameters.ts';
import { sendJson } from '../http/serveBotApi.ts';
import { imageSize } from '../methods/imageSize.ts';
import type { Change } from '../state/journal.ts';
import type { Store } from '../state/store.ts';
import type { EmulatorControl } from './emulatorControl.ts';

/** Records whose changes the page shows. */
const shownKinds: ReadonlySet<string> = new Set(['group', 'topic', 'message', 'member', 'user', 'callback']);

/** Server-sent events: one `change` a transaction, naming what to read again. */
export function serveEvents(store: Store, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write('retry: 500\n\n');
  const stop = store.onCommit((changes: Change[]) => {
    const keys = changes.filter(([kind]) => shownKinds.has(kind)).map(([kind, key]) => ({ kind, key }));
    if (keys.length > 0) response.write(`event: change\ndata: ${JSON.stringify(keys)}\n\n`);
  });
  response.on('close', stop);
}

/** Serves `GET /_control/files/<file id>`, so that the page can show what was sent. */
export function serveControlFile({ store, files }: Emulator, fileId: string, response: ServerResponse): void {
  const record = store.get('file', fileId);
  const bytes = record && files.read(record);
  if (!record || !bytes) return sendJson(response, 404, { error: 'no such file' });
  // By its bytes, never by what the sender called it: only images are shown in the page's origin.
  const image = imageSize(bytes);
  response.writeHead(200, {
    'content-type': image?.mimeType ?? 'application/octet-stream',
    'content-length': bytes.length,
    'content-disposition': image ? 'inline' : `attachment; filename*=UTF-8''${encodeURIComponent(record.name)}`,
    'x-content-type-options': 'nosniff',
  });
  response.end(bytes);
}

/** Serves `POST /_control/<name>`: the control's methods with their input and output as JSON. */
export async function serveControl(
  control: EmulatorControl,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const handlers = control as unknown as Record<string, (input: unknown) => Promise<unknown>>;
  const handle = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
  // JSON alone: a form of a foreign page cannot send it.
  const isJson = request.headers['content-type']?.startsWith('application/json') === true;
  if (!handle || request.method !== 'POST' || !isJson) return sendJson(response, 404, { error: 'no such call' });
  try {
    const body = (await readBody(request)).toString('utf8');
    sendJson(response, 200, (await handle(body ? JSON.parse(body) : {})) ?? null);
  } catch (error) {
    sendJson(response, 400, { error: error instanceof Error ? error.message : 'failed' });
  }
}
