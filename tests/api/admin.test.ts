import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApi, startApi } from '../../api/startApi.ts';
import { conversationWorkflowId, DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { listAudit } from '../../db/queries/audit/listAudit.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { issueKey } from './support/issueKey.ts';
import { SERVICE_TOKEN, type Stack, startStack } from './support/stack.ts';
import { openConversation, request, VisitorClient } from './support/visitor.ts';

describe('the admin API', () => {
  let stack: Stack;
  let api: RunningApi;
  const agent = { id: 'desk:1', name: 'Robin' };

  beforeAll(async () => {
    stack = await startStack();
    api = await stack.startApi();
    await stack.startWorker();
  });
  afterAll(() => stack.stop());

  const admin = (path: string, body?: unknown, token = SERVICE_TOKEN) =>
    request(`${api.url}/v1/admin/${path}`, { token, body });

  async function converse() {
    const { conversationId, token } = await openConversation(api.url, stack.site);
    const visitor = await VisitorClient.join(api.url, token);
    visitor.say('My parcel is late');
    await visitor.message('Hello!');
    return { conversationId, visitor };
  }

  it('shows and moves a conversation: claim, rename, note, close, reopen', async () => {
    const { conversationId, visitor } = await converse();
    const command = (name: string, fields = {}) =>
      admin(`conversations/${conversationId}/${name}`, { agent, ...fields });
    expect(await admin(`conversations/${conversationId}`)).toMatchObject({ status: 200, body: { status: 'new' } });
    expect(await command('claim')).toMatchObject({ body: { status: 'active', owner: 'human', claimedBy: agent } });
    await visitor.next('agent_joined');
    const other = { id: 'desk:2', name: 'Sam' };
    expect(await command('claim', { agent: other })).toMatchObject({ status: 409, body: { code: 'already_claimed' } });
    expect(await command('rename', { title: 'Late parcel' })).toMatchObject({ body: { title: 'Late parcel' } });
    expect((await command('note', { text: 'Called the carrier' })).status).toBe(200);
    expect(await command('close')).toMatchObject({ body: { status: 'closed' } });
    await visitor.next('conversation_closed');
    expect((await command('reopen')).body['status']).not.toBe('closed');
    const lines = await listAudit(stack.db, DEFAULT_TENANT_ID, { limit: 100 });
    const done = lines.filter(({ target }) => target === `conversation/${conversationId}`).map(({ action }) => action);
    expect(done.reverse()).toEqual(
      ['claim', 'rename', 'note', 'close', 'reopen'].map((name) => `conversation.${name}`),
    );
    visitor.leave();
  });

  it('refuses fields that do not belong to the command, and conversations that do not exist', async () => {
    const unknown = `conversations/${randomUUID()}`;
    expect(await admin(`${unknown}/rename`, { agent })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
    expect(await admin(`${unknown}/snooze`, { agent, until: 8e15 })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
    expect(await admin(`${unknown}/claim`, { agent })).toMatchObject({
      status: 404,
      body: { code: 'conversation_not_found' },
    });
    expect(await admin(unknown)).toMatchObject({ status: 404, body: { code: 'conversation_not_found' } });
  });

  it('wants the service token, and knows none where it is switched off', async () => {
    const path = `conversations/${randomUUID()}`;
    expect(await admin(path, undefined, '')).toMatchObject({ status: 401, body: { code: 'auth_required' } });
    expect(await admin(path, undefined, 'wrong')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    const closed = await stack.startApi({ SERVICE_TOKEN: undefined });
    const answer = await request(`${closed.url}/v1/admin/${path}`, { token: SERVICE_TOKEN });
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  it('opens what Temporal keeps sealed, and seals what an operator sends', async () => {
    const { conversationId, visitor } = await converse();
    visitor.leave();
    const connection = await Connection.connect({ address: stack.temporal.address });
    const workflowId = conversationWorkflowId({ tenantId: DEFAULT_TENANT_ID, conversationId });
    const { history } = await connection.workflowService.getWorkflowExecutionHistory({
      namespace: 'default',
      execution: { workflowId },
    });
    await connection.close();
    const signal = history?.events?.find((event) => event.workflowExecutionSignaledEventAttributes);
    const sealed = (signal?.workflowExecutionSignaledEventAttributes?.input?.payloads ?? []).map((payload) => ({
      metadata: Object.fromEntries(
        Object.entries(payload.metadata ?? {}).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
      ),
      data: Buffer.from(payload.data ?? []).toString('base64'),
    }));
    expect(Buffer.from(sealed[0]?.data ?? '', 'base64').toString()).not.toContain('parcel');
    const opened = await admin('codec/decode', { payloads: sealed });
    const [payload] = opened.body['payloads'] as { data: string }[];
    expect(Buffer.from(payload?.data ?? '', 'base64').toString()).toContain('My parcel is late');
    const again = await admin('codec/encode', opened.body);
    const [resealed] = again.body['payloads'] as { data: string }[];
    expect(Buffer.from(resealed?.data ?? '', 'base64').toString()).not.toContain('parcel');
    expect((await admin('codec/decode', again.body)).body).toEqual(opened.body);
  });

  it('opens no payload of another tenant, and refuses what was never sealed here', async () => {
    const { tenantId } = await createTenant(stack.db);
    const { key } = await issueKey(stack.db, tenantId, ['codec:decode']);
    const bytes = (text: string) => Buffer.from(text).toString('base64');
    const plain = { metadata: { encoding: bytes('json/plain') }, data: bytes('"A very private text"') };
    const encode = async (token: string) =>
      (await admin('codec/encode', { payloads: [plain] }, token)).body as { payloads: (typeof plain)[] };
    const decode = (payloads: object[], token: string) => admin('codec/decode', { payloads }, token);
    const own = await encode(key);
    expect(own.payloads[0]?.data).not.toContain(plain.data);
    expect((await decode(own.payloads, key)).body).toEqual({ payloads: [plain] });

    const metadata = { encoding: bytes('binary/encrypted'), 'parley-key-version': bytes('1') };
    const nobody = { metadata: { ...metadata, 'parley-tenant': bytes(randomUUID()) }, data: own.payloads[0]?.data };
    const refusals = [
      await decode((await encode(SERVICE_TOKEN)).payloads, key),
      await decode(own.payloads, SERVICE_TOKEN),
      await decode([nobody], key),
      await decode([{ metadata: { ...metadata, 'parley-tenant': bytes('no id') }, data: bytes('x') }], key),
      await decode([{ metadata: { ...metadata, 'parley-tenant': bytes(tenantId) }, data: bytes('garbage') }], key),
      await decode([{ metadata: { encoding: bytes('binary/encrypted') } }], key),
    ];
    for (const { status, body } of refusals) {
      expect({ status, code: body['code'], detail: body['detail'] }).toEqual({
        status: 422,
        code: 'payload_unreadable',
        detail: 'There is a payload that you cannot open.',
      });
    }
    const lines = await listAudit(stack.db, tenantId, { limit: 5 });
    expect(lines.filter(({ action }) => action === 'codec.decoded')).toHaveLength(1);
  });

  it('writes neither texts nor tokens nor paths to the log', async () => {
    const lines: string[] = [];
    const sink = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    const talkative = await startApi({ env: stack.env, logger: createLogger('trace', { destination: sink }) });
    try {
      const { token, conversationId } = await openConversation(talkative.url, stack.site, {
        visitorName: 'Kim Secret',
      });
      const visitor = await VisitorClient.join(talkative.url, token);
      await visitor.ack(visitor.say('A very private text'));
      visitor.sendRaw('{"type":"message","text":"A very private text"}');
      await visitor.error('invalid_request');
      await request(`${talkative.url}/v1/conversations/${conversationId}/messages?since=0&token=${token}`, { token });
      await request(`${talkative.url}/v1/webchat/message`, { token, body: '{"text":"A very private text' });
      visitor.leave();
      const log = lines.join('');
      expect(log).toContain(conversationId);
      // One line a request, when it is over, by which it is known whose it was.
      const requests = lines
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ msg }) => String(msg).startsWith('request') || String(msg).startsWith('incoming'));
      const theirs = requests.filter(({ conversation_id }) => conversation_id === conversationId);
      expect(theirs.length).toBeGreaterThanOrEqual(2);
      for (const line of theirs) expect(line).toMatchObject({ msg: 'request completed', tenant_id: DEFAULT_TENANT_ID });
      expect(new Set(requests.map(({ request_id }) => request_id)).size).toBe(requests.length);
      expect(log).toContain('"request_id"');
      for (const secret of ['very private', token, 'Kim Secret', SERVICE_TOKEN, 'since=0'])
        expect(log).not.toContain(secret);
    } finally {
      await talkative.close();
    }
  });
});
