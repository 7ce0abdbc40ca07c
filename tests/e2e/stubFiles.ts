import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Attachment } from '../../contracts/file.ts';

interface KeptFile extends Attachment {
  bytes: Buffer;
}

/** The protocol's routes for files, with switches for what may go wrong. What is uploaded is believed to be what it says. */
export class StubFiles {
  readonly kept = new Map<string, KeptFile>();
  /** Ids of all uploads that came, repeats included. */
  readonly uploads: string[] = [];
  /** While set, uploads are refused with it. */
  refusal: { status: number; code: string } | undefined;
  /** While set, uploads are answered only when it resolves. */
  gate: Promise<void> | undefined;
  /** How often an address was asked for. */
  links = 0;

  keep(file: KeptFile): Attachment {
    this.kept.set(file.id, file);
    return this.attachment(file.id) as Attachment;
  }

  attachment(id: string): Attachment | undefined {
    const file = this.kept.get(id);
    return file && { id, name: file.name, type: file.type, size: file.size };
  }

  /** False for an address that has nothing to do with files. */
  async serve(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<boolean> {
    const [, linked] = /^\/v1\/webchat\/files\/([^/]+)\/link$/.exec(pathname) ?? [];
    const [, read] = /^\/v1\/files\/(.+)$/.exec(pathname) ?? [];
    if (pathname === '/v1/webchat/files') await this.upload(request, response);
    else if (linked) this.link(response, linked);
    else if (read) this.read(response, read);
    else return false;
    return true;
  }

  private async upload(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = { 'content-type': request.headers['content-type'] ?? '' };
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const form = await new Response(new Uint8Array(Buffer.concat(chunks)), { headers }).formData();
    const id = form.get('id') as string;
    const file = form.get('file') as File;
    this.uploads.push(id);
    await this.gate;
    if (this.refusal) return send(response, this.refusal.status, this.refusal);
    const bytes = Buffer.from(await file.arrayBuffer());
    send(response, 201, this.keep({ id, name: file.name, type: file.type, size: bytes.length, bytes }));
  }

  private link(response: ServerResponse, id: string): void {
    this.links += 1;
    const expiresAt = new Date(Date.now() + 600_000).toISOString();
    if (this.kept.has(id)) send(response, 200, { url: `/v1/files/${id}`, expiresAt });
    else send(response, 404, { code: 'file_unknown' });
  }

  private read(response: ServerResponse, id: string): void {
    const file = this.kept.get(id);
    response.writeHead(file ? 200 : 404, { 'content-type': file?.type ?? 'text/plain' });
    response.end(file?.bytes);
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
