import { randomUUID } from 'node:crypto';
import { decodeJwt, SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import type { Attachment } from '../../contracts/file.ts';
import { MAX_FILE_BYTES } from '../../contracts/fileLimits.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { PDF, PNG } from '../support/sampleFiles.ts';
import { ORIGIN, type Stack, startStack } from './support/stack.ts';
import { openConversation, request, VisitorClient } from './support/visitor.ts';

interface Told {
  status: number;
  body: Record<string, unknown>;
}

describe('files over HTTP', () => {
  let stack: Stack;
  let api: RunningApi;

  beforeAll(async () => {
    stack = await startStack();
    await stack.startWorker();
    api = await stack.startApi();
  });
  afterAll(() => stack.stop());

  const arrive = () => openConversation(api.url, stack.site);

  async function upload(token: string, bytes: Buffer, name: string, id: string = uuidv7(), at = api): Promise<Told> {
    const form = new FormData();
    form.append('id', id);
    form.append('file', new Blob([new Uint8Array(bytes)]), name);
    const headers = { authorization: `Bearer ${token}`, origin: ORIGIN };
    const response = await fetch(`${at.url}/v1/webchat/files`, { method: 'POST', headers, body: form });
    return { status: response.status, body: (await response.json()) as Told['body'] };
  }

  const linkOf = (token: string, id: string, at = api) =>
    request(`${at.url}/v1/webchat/files/${id}/link`, { token, origin: ORIGIN });

  async function urlOf(token: string, id: string): Promise<string> {
    return `${api.url}${String((await linkOf(token, id)).body['url'])}`;
  }

  const post = (token: string, body: object, at = api) =>
    request(`${at.url}/v1/webchat/message`, {
      token,
      origin: ORIGIN,
      body: { clientMessageId: uuidv7(), text: '', ...body },
    });

  it('keeps a file, shows it in the message that carries it, and gives it out at an address', async () => {
    const { token, conversationId } = await arrive();
    const visitor = await VisitorClient.join(api.url, token);
    const { status, body } = await upload(token, PNG, 'my room.png');
    expect([status, body]).toEqual([
      201,
      { id: expect.any(String), name: 'my room.png', type: 'image/png', size: PNG.length },
    ]);
    visitor.send({ type: 'message', clientMessageId: uuidv7(), text: 'Look', attachments: [body['id']] });
    const shown = await visitor.next('message', ({ direction }) => direction === 'INBOUND');
    expect(shown).toMatchObject({ text: 'Look', attachments: [body] });
    visitor.leave();

    const history = await request(`${api.url}/v1/conversations/${conversationId}/messages`, { token, origin: ORIGIN });
    expect((history.body['messages'] as { attachments?: Attachment[] }[])[0]?.attachments).toEqual([body]);

    const file = await fetch(await urlOf(token, String(body['id'])));
    expect(Buffer.from(await file.arrayBuffer())).toEqual(PNG);
    expect(Object.fromEntries(file.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': `inline; filename="my room.png"; filename*=UTF-8''my%20room.png`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'cross-origin',
    });
  });

  it('takes a message of files alone, and hands it to a person', async () => {
    const { token } = await arrive();
    const visitor = await VisitorClient.join(api.url, token);
    const { body } = await upload(token, PDF, 'invoice.pdf');
    visitor.send({ type: 'message', clientMessageId: uuidv7(), text: '', attachments: [body['id']] });
    const answer = await visitor.next('message', ({ direction }) => direction === 'OUTBOUND');
    expect(answer.text).not.toBe('');
    visitor.leave();
    expect(await post(token, {})).toMatchObject({ status: 400, body: { code: 'message_empty' } });
  });

  it('goes by the bytes: a lie about the type is found out, and what could run is refused', async () => {
    const { token } = await arrive();
    expect(await upload(token, PDF, 'holiday.jpg')).toMatchObject({
      status: 201,
      body: { name: 'holiday.jpg.pdf', type: 'application/pdf' },
    });
    const page = Buffer.from('<html><script>alert(1)</script></html>');
    const drawing = Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>');
    const program = Buffer.from('MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0', 'latin1');
    for (const [bytes, name] of [
      [page, 'page.html'],
      [drawing, 'drawing.svg'],
      [program, 'setup.exe'],
      [program, 'photo.png'],
      [Buffer.from([0xff, 0x00, 0x12]), 'notes.txt'],
    ] as const) {
      const answer = await upload(token, bytes, name);
      expect([name, answer.status, answer.body['code']]).toEqual([name, 415, 'file_type_refused']);
    }
  });

  it('serves text as plain text that is downloaded, whatever it says', async () => {
    const { token } = await arrive();
    const { body } = await upload(token, Buffer.from('<script>alert(1)</script>'), '../../\u202enotes; x=1.txt');
    const file = await fetch(await urlOf(token, String(body['id'])));
    expect(file.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(file.headers.get('content-disposition')).toBe(
      `attachment; filename="notes; x=1.txt"; filename*=UTF-8''notes%3B%20x%3D1.txt`,
    );
  });

  it('refuses what is too large, empty, or no form', async () => {
    const { token } = await arrive();
    const large = Buffer.concat([PNG, Buffer.alloc(MAX_FILE_BYTES)]);
    expect(await upload(token, large, 'large.png')).toMatchObject({ status: 413, body: { code: 'file_too_large' } });
    const most = Buffer.concat([PNG, Buffer.alloc(MAX_FILE_BYTES - PNG.length)]);
    expect(await upload(token, most, 'most.png')).toMatchObject({ status: 201, body: { size: MAX_FILE_BYTES } });
    expect(await upload(token, Buffer.alloc(0), 'empty.txt')).toMatchObject({ body: { code: 'file_empty' } });
    expect(await upload(token, PNG, 'a.png', 'no-uuid')).toMatchObject({ body: { code: 'invalid_request' } });
    const json = await request(`${api.url}/v1/webchat/files`, { token, origin: ORIGIN, body: {} });
    expect(json).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
  });

  it('knows a repeat by its id, and refuses other bytes under it', async () => {
    const { token } = await arrive();
    const id = uuidv7();
    const first = await upload(token, PNG, 'a.png', id);
    expect(await upload(token, PNG, 'renamed.png', id)).toEqual(first);
    expect(await upload(token, PDF, 'a.pdf', id)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });

  it('lets one message have a file, however often that message comes', async () => {
    const { token, conversationId } = await arrive();
    const { body } = await upload(token, PNG, 'a.png');
    const once = { clientMessageId: uuidv7(), attachments: [body['id']] };
    const visitor = await VisitorClient.join(api.url, token);
    expect((await post(token, once)).status).toBe(202);
    await visitor.next('message', ({ direction }) => direction === 'INBOUND');
    visitor.leave();
    expect((await post(token, once)).status).toBe(202);
    expect(await post(token, { attachments: [body['id']] })).toMatchObject({ body: { code: 'file_unknown' } });
    const twice = await post(token, { attachments: [body['id'], body['id']] });
    expect(twice).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    const url = `${api.url}/v1/conversations/${conversationId}/messages`;
    const { messages } = (await request(url, { token, origin: ORIGIN })).body as { messages: { direction: string }[] };
    expect(messages.filter(({ direction }) => direction === 'INBOUND')).toHaveLength(1);
  });

  it('keeps conversations and tenants apart', async () => {
    const anywhere = await stack.startApi({ ALLOWED_ORIGINS: [ORIGIN] });
    const { siteKey } = await createTenant(stack.db);
    const [mine, strangers] = await Promise.all([
      arrive(),
      openConversation(anywhere.url, { siteKey, origin: ORIGIN }),
    ]);
    const { body } = await upload(mine.token, PNG, 'mine.png');
    const id = String(body['id']);
    for (const { token } of [await arrive(), strangers]) {
      expect(await linkOf(token, id, anywhere)).toMatchObject({ status: 404, body: { code: 'file_unknown' } });
      expect(await post(token, { attachments: [id] }, anywhere)).toMatchObject({
        status: 404,
        body: { code: 'file_unknown' },
      });
      // The same id is another file there.
      expect(await upload(token, PDF, 'theirs.pdf', id, anywhere)).toMatchObject({ status: 201, body: { id } });
    }
    const file = await fetch(await urlOf(mine.token, id));
    expect(file.headers.get('content-type')).toBe('image/png');
    expect(await linkOf(mine.token, randomUUID())).toMatchObject({ status: 404 });
  });

  it('gives nothing out at an address that is forged or old', async () => {
    const { token } = await arrive();
    const { body } = await upload(token, PNG, 'a.png');
    const url = await urlOf(token, String(body['id']));
    const { exp: _exp, ...claims } = decodeJwt(url.split('/').at(-1) ?? '');
    const kid = JSON.parse(Buffer.from(url.split('/').at(-1)?.split('.')[0] ?? '', 'base64url').toString())
      .kid as string;
    const signed = (change: object, secret: string, expires: string) =>
      new SignJWT({ ...claims, ...change })
        .setProtectedHeader({ alg: 'HS256', kid })
        .setExpirationTime(expires)
        .sign(Buffer.from(secret));
    const ours = stack.env.CONVERSATION_JWT_SECRET;
    const codeAt = async (forged: string) => (await request(`${api.url}/v1/files/${forged}`)).body['code'];
    expect(await codeAt(await signed({}, ours, '-1s'))).toBe('token_expired');
    expect(await codeAt(await signed({}, 'x'.repeat(32), '5m'))).toBe('token_invalid');
    expect(await codeAt(await signed({ file: uuidv7() }, ours, '5m'))).toBe('file_unknown');
    expect(await codeAt(token)).toBe('token_invalid');
    expect(await codeAt('..%2f..%2fetc%2fpasswd')).toBe('token_invalid');
    expect(JSON.stringify(claims)).not.toContain('a.png');
  });

  it('gives out the part that a player seeks', async () => {
    const { token } = await arrive();
    const { body } = await upload(token, PDF, 'a.pdf');
    const url = await urlOf(token, String(body['id']));
    const part = await fetch(url, { headers: { range: 'bytes=5-7' } });
    expect([part.status, await part.text()]).toEqual([206, '1.7']);
    expect(part.headers.get('content-range')).toBe(`bytes 5-7/${PDF.length}`);
    const behind = await fetch(url, { headers: { range: `bytes=${PDF.length}-` } });
    expect([behind.status, behind.headers.get('content-range')]).toEqual([416, `bytes */${PDF.length}`]);
  });

  it('says so when the storage cannot be used, and goes on when it can', async () => {
    const broken = await stack.startApi({ FILES_FOLDER: '/etc/hostname/files' });
    const { token } = await openConversation(broken.url, stack.site);
    const form = new FormData();
    form.append('id', uuidv7());
    form.append('file', new Blob([new Uint8Array(PNG)]), 'a.png');
    const headers = { authorization: `Bearer ${token}`, origin: ORIGIN };
    const refused = await fetch(`${broken.url}/v1/webchat/files`, { method: 'POST', headers, body: form });
    expect([refused.status, (await refused.json()).code]).toEqual([503, 'storage_unavailable']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const again = await fetch(`${api.url}/v1/webchat/files`, { method: 'POST', headers, body: form });
    expect(again.status).toBe(201);
  });
});
