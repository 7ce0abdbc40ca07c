import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVICE_TOKEN, type Stack, startStack } from './support/stack.ts';
import { openConversation, request } from './support/visitor.ts';

/** Requests that schemathesis came upon, each of which was answered wrongly once. */
describe('odd input', () => {
  let stack: Stack;
  let url: string;
  beforeAll(async () => {
    stack = await startStack();
    ({ url } = await stack.startApi());
  });
  afterAll(() => stack.stop());

  const asAdmin = (path: string, body?: unknown, method?: string) =>
    request(`${url}${path}`, { token: SERVICE_TOKEN, body, ...(method ? { method } : {}) });

  /** With a method that `fetch` does not know, and no content type. */
  async function ask(method: string, path: string): Promise<IncomingMessage> {
    const asked = httpRequest(`${url}${path}`, { method }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.resume();
    return answer;
  }

  it.each(['TRACE', 'QUERY'])('answers %s with 405 and what is allowed', async (method) => {
    expect(await ask(method, '/health')).toMatchObject({ statusCode: 405, headers: { allow: 'GET, HEAD' } });
    expect(await ask(method, '/v1/webchat/init')).toMatchObject({ statusCode: 405, headers: { allow: 'POST' } });
  });

  it('says what is missing in a QUERY to nowhere, as a problem', async () => {
    const { statusCode, headers } = await ask('QUERY', '/nowhere');
    expect(statusCode).toBe(415);
    expect(headers['content-type']).toContain('application/problem+json');
  });

  it('refuses a host that is too long with a scheme before it, and settings stay readable', async () => {
    const path = '/v1/admin/settings/staging';
    const allowedOrigins = ['a'.repeat(250)];
    const refused = await asAdmin(path, { settings: { allowedOrigins } }, 'PUT');
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect((await asAdmin(path)).status).toBe(200);
  });

  it.each([
    ['the token of a reset', '/api/auth/password/reset', { token: `${'x'.repeat(16)}\0`, newPassword: 'x'.repeat(12) }],
    ['the token of an invitation', '/api/auth/invitations/accept', { token: `${'x'.repeat(16)}\0` }],
  ])('refuses NUL in %s', async (_what, path, body) => {
    const refused = await request(`${url}${path}`, { origin: url, body });
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('refuses NUL and halves of a character in what a conversation is called, and in who does it', async () => {
    const { conversationId } = await openConversation(url, stack.site);
    const path = `/v1/admin/conversations/${conversationId}/rename`;
    const agent = { id: 'kim', name: 'Kim' };
    for (const body of [
      { agent, title: 'A\0' },
      { agent, title: 'A\ud800' },
      { agent: { ...agent, id: 'kim\0' }, title: 'A' },
      { agent: { ...agent, name: 'Kim\0' }, title: 'A' },
    ]) {
      expect(await asAdmin(path, body)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    }
  });

  it('refuses a name that is too long with its blanks, and a mailbox that no mail server takes', async () => {
    const named = await asAdmin('/v1/admin/sites', { name: ` ${'n'.repeat(120)}`, allowedOrigins: [] });
    expect(named).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    const asksReset = (email: string) =>
      request(`${url}/api/auth/password/reset-request`, { origin: url, body: { email } });
    const refused = { status: 400, body: { code: 'invalid_request' } };
    expect(await asksReset(`${'m'.repeat(65)}@shop.example`)).toMatchObject(refused);
    expect((await asksReset(`${'m'.repeat(64)}@shop.example`)).status).toBe(202);
  });

  it('leaves out a property that would be an object’s prototype', async () => {
    const body = '{"name": "Shop", "allowedOrigins": [], "__proto__": {"name": "Other"}}';
    expect(await asAdmin('/v1/admin/sites', body)).toMatchObject({ status: 201, body: { name: 'Shop' } });
  });
});
