import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TestS3 {
  endpoint: string;
  close(): Promise<void>;
}

export interface TestS3Options {
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/**
 * What S3 does with objects, in memory, as the documentation has it: PUT, GET with a range, DELETE. Requests are let in by
 * their signature (AWS Signature Version 4), which is computed here from what came, by the documentation's steps.
 */
export async function startS3(options: TestS3Options): Promise<TestS3> {
  const objects = new Map<string, Buffer>();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { pathname } = new URL(request.url ?? '/', 'http://s3');
    const [, bucket] = pathname.split('/');
    if (!isSigned(request, pathname, body, options)) return fail(response, 403, 'SignatureDoesNotMatch');
    if (bucket !== options.bucket) return fail(response, 404, 'NoSuchBucket');
    if (request.method === 'PUT') {
      objects.set(pathname, body);
      response.writeHead(200).end();
    } else if (request.method === 'DELETE') {
      objects.delete(pathname);
      response.writeHead(204).end();
    } else read(request, response, objects.get(pathname));
  }

  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function read({ headers }: IncomingMessage, response: ServerResponse, object: Buffer | undefined): void {
  if (!object) return fail(response, 404, 'NoSuchKey');
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
  if (start === undefined) response.writeHead(200).end(object);
  else response.writeHead(206).end(object.subarray(Number(start), Number(end) + 1));
}

function fail(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

function isSigned(
  { method, headers }: IncomingMessage,
  pathname: string,
  body: Buffer,
  { accessKeyId, secretAccessKey }: TestS3Options,
): boolean {
  const [, keyId, day = '', region = '', names = '', signature] = AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  const payload = String(headers['x-amz-content-sha256']);
  if (keyId !== accessKeyId || (payload !== 'UNSIGNED-PAYLOAD' && payload !== sha256(body))) return false;
  const signed = names.split(';');
  if (!['host', 'x-amz-content-sha256', 'x-amz-date'].every((name) => signed.includes(name))) return false;
  const lines = signed.map((name) => `${name}:${String(headers[name]).trim()}\n`).join('');
  const canonical = [method, pathname, '', lines, names, payload].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', String(headers['x-amz-date']), scope, sha256(canonical)].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${secretAccessKey}`);
  return hmac(key, toSign).toString('hex') === signature;
}

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: Buffer | string, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
