import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { expect } from 'vitest';
import type { LimitName } from '../../../api/limits/table.ts';
import { CLOSE_CODES, type ServerFrame } from '../../../contracts/frames.ts';
import { saveChannelConnection } from '../../../db/queries/saveChannelConnection.ts';
import { openKeys } from '../../../runtime/openKeys.ts';
import { createTenant } from '../../db/fixtures/createTenant.ts';
import { holdExports } from './holdExports.ts';
import { ORIGIN, SERVICE_TOKEN, type Stack } from './stack.ts';
import { type Answer, openConversation, readConfig, request, VisitorClient } from './visitor.ts';

/** So many times each limit lets through in these tests. */
export const PROVOKED_POINTS = 2;

/** What a client is told. `code` is undefined where it got what it asked for, or another answer that is no refusal of a limit. */
export interface Told {
  code?: string;
  retryAfter?: number;
}

/** Does what a limit counts, once each time that it is called, as a client from outside would. */
export type Provocation = () => Promise<Told>;

/** For each limit the way to exceed it; preparations are done before the first call. */
export const PROVOCATIONS: Record<LimitName, (stack: Stack, url: string) => Promise<Provocation>> = {
  'ip.config':
    async ({ site }, url) =>
    () =>
      http(`${url}/v1/webchat/config?siteKey=${site.siteKey}`),
  'ip.init':
    async ({ site }, url) =>
    () =>
      http(`${url}/v1/webchat/init`, { body: { siteKey: site.siteKey, challenge: 'none' } }),
  'ip.token':
    async ({ site }, url) =>
    () =>
      http(`${url}/v1/webchat/token`, {
        body: { siteKey: site.siteKey, challenge: 'none', conversationId: randomUUID() },
      }),
  'ip.start': begin,
  'ip.quickStart': begin,
  'site.start': begin,
  'tenant.start': begin,
  'ip.message': async (_stack, url) => () => http(`${url}/v1/webchat/message`, { body: {} }),
  'ip.upload': async (_stack, url) => () => http(`${url}/v1/webchat/files`, { body: {} }),
  'ip.file': async (_stack, url) => () => http(`${url}/v1/files/none`),
  'ip.events': async (_stack, url) => () => http(`${url}/v1/webchat/events`, { body: {} }),
  'ip.history': async (_stack, url) => () => http(`${url}/v1/conversations/${randomUUID()}/messages`),
  'ip.connect': async (_stack, url) => () => http(`${url}/v1/ws`),
  'ip.auth': async (_stack, url) => () =>
    http(`${url}/api/auth/sign-in`, { origin: url, body: { email: 'kim@example.com', password: 'not it' } }),
  'ip.admin': async (_stack, url) => () => http(`${url}/v1/admin/conversations/${randomUUID()}`),
  'ip.webhook': async (_stack, url) => () => http(`${url}/v1/telegram/webhook/nobodys-secret`, { body: {} }),
  'ip.other': async (_stack, url) => () => http(`${url}/nowhere`),
  'tenant.webhook': async (stack, url) => {
    const secret = await connectTelegram(stack);
    return () => http(`${url}/v1/telegram/webhook/${secret}`, { body: { update_id: 1 } });
  },
  'apiKey.request': async (_stack, url) => {
    const body = { name: 'Provoked', scopes: ['settings:read'] };
    const issued = await request(`${url}/v1/admin/api-keys`, { token: SERVICE_TOKEN, body });
    return () => http(`${url}/v1/admin/sites`, { token: String(issued.body['key']) });
  },
  'account.reset': async (_stack, url) => () =>
    http(`${url}/api/auth/password/reset-request`, { origin: url, body: { email: 'kim@example.com' } }),
  'conversation.rename': async (stack, url) => {
    const { token, conversationId } = await openConversation(url, stack.site);
    const visitor = await VisitorClient.join(url, token);
    await visitor.ack(visitor.say('Name me'));
    visitor.leave();
    const body = { agent: { id: 'a1', name: 'Kim' }, title: 'A name' };
    return () => http(`${url}/v1/admin/conversations/${conversationId}/rename`, { token: SERVICE_TOKEN, body });
  },
  'tenant.message': say,
  'conversation.message': say,
  'socket.frame': async (stack, url) => {
    // Its first frame was `auth`.
    const visitor = await VisitorClient.join(url, (await openConversation(url, stack.site)).token);
    return () => {
      visitor.frames.length = 0;
      visitor.send({ type: 'ping' });
      return answerOf(visitor);
    };
  },
  'tenant.export': beginExports,
  'instance.export': beginExports,
  'ip.socket': async (stack, url) => () => enter(stack, url),
  'conversation.socket': async (stack, url) => {
    const { conversationId } = await openConversation(url, stack.site);
    return () => enter(stack, url, conversationId);
  },
  'conversation.upload': async (stack, url) => {
    const { token } = await openConversation(url, stack.site);
    return () => http(`${url}/v1/webchat/files`, { token, origin: ORIGIN, body: {} });
  },
  'instance.uploads': async (stack, url) => {
    const { token } = await openConversation(url, stack.site);
    const uploads: ClientRequest[] = [];
    return async () => {
      if (uploads.length < PROVOKED_POINTS) {
        uploads.push(await beginUpload(url, token));
        return {};
      }
      const told = await http(`${url}/v1/webchat/files`, { token, origin: ORIGIN, body: {} });
      for (const upload of uploads) upload.destroy();
      return told;
    };
  },
  'instance.halfOpen': async (_stack, url) => {
    const waiting: VisitorClient[] = [];
    return async () => {
      waiting.push(await VisitorClient.connect(url));
      const [oldest] = waiting;
      if (!oldest || waiting.length <= PROVOKED_POINTS) return {};
      // It makes room for the newest.
      expect(await oldest.closed()).toBe(CLOSE_CODES.rate_limited);
      return toldIn(oldest);
    };
  },
};

async function begin(stack: Stack, url: string): Promise<Provocation> {
  return async () => {
    const { challenge } = await readConfig(url, stack.site.siteKey, ORIGIN);
    return http(`${url}/v1/webchat/init`, { origin: ORIGIN, body: { siteKey: stack.site.siteKey, challenge } });
  };
}

/** An upload that never ends; resolves once the instance reads it. */
async function beginUpload(url: string, token: string): Promise<ClientRequest> {
  const headers = {
    authorization: `Bearer ${token}`,
    origin: ORIGIN,
    'content-type': 'multipart/form-data; boundary=x',
  };
  const upload = httpRequest(`${url}/v1/webchat/files`, { method: 'POST', headers });
  upload.on('error', () => {});
  upload.write('--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n');
  // Asked later by the same way in, and answered.
  await once(upload, 'socket');
  await http(`${url}/v1/webchat/files/${randomUUID()}/link`, { token, origin: ORIGIN });
  return upload;
}

async function beginExports(stack: Stack, url: string): Promise<Provocation> {
  const begin = await holdExports(stack, url);
  return async () => {
    const response = await begin();
    return response.ok ? {} : toldBy(await answerFrom(response));
  };
}

async function enter(stack: Stack, url: string, conversationId?: string): Promise<Told> {
  const { token } = await openConversation(url, stack.site, { conversationId });
  const visitor = await VisitorClient.connect(url);
  visitor.send({ type: 'auth', token });
  const told = await answerOf(visitor);
  if (told.code) expect(await visitor.closed()).toBe(CLOSE_CODES.rate_limited);
  return told;
}

async function say(stack: Stack, url: string): Promise<Provocation> {
  const visitor = await VisitorClient.join(url, (await openConversation(url, stack.site)).token);
  return () => {
    visitor.frames.length = 0;
    visitor.say('Again');
    return answerOf(visitor);
  };
}

async function answerFrom(response: Response): Promise<Answer> {
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
}

async function http(url: string, options?: Parameters<typeof request>[1]): Promise<Told> {
  return toldBy(await request(url, options));
}

function toldBy({ status, headers, body }: Answer): Told {
  if (status < 400) return {};
  if (body['code'] === 'pow_required') {
    expect(headers.get('retry-after')).toBe('0');
    return { code: 'pow_required' };
  }
  if (status !== 429) return {};
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(headers.get('retry-after')).toBe(String(body['retryAfter']));
  return { code: String(body['code']), retryAfter: Number(body['retryAfter']) };
}

/** The answer to what was just sent. */
async function answerOf(visitor: VisitorClient): Promise<Told> {
  const isAnswer = ({ type }: ServerFrame) => ['ack', 'pong', 'ready', 'error'].includes(type);
  await expect.poll(() => visitor.frames.some(isAnswer), { timeout: 8_000, interval: 10 }).toBe(true);
  return toldIn(visitor);
}

/** Telegram's webhook for a tenant of its own; the returned secret is its path. */
async function connectTelegram({ env, db }: Stack): Promise<string> {
  const secret = `path-secret-${randomUUID()}`;
  const { tenantId } = await createTenant(db);
  const { secrets } = openKeys(env, db);
  await saveChannelConnection(db, {
    tenantId,
    id: randomUUID(),
    type: 'telegram',
    channelId: `-100${Date.now()}`,
    secrets: await secrets.seal(tenantId, JSON.stringify({ botTokens: ['1234567890:a-bot-that-is-never-called-x'] })),
    webhookSecretHash: createHash('sha256').update(secret).digest(),
  });
  return secret;
}

function toldIn(visitor: VisitorClient): Told {
  const error = visitor.frames.find((frame) => frame.type === 'error');
  return error ? { code: error.code, retryAfter: error.retryAfter } : {};
}
