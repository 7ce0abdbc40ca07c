import { createHash, randomInt, randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import type { ChannelView } from '../../contracts/channel.ts';
import { listAudit } from '../../db/queries/audit/listAudit.ts';
import { getChannel } from '../../db/queries/channels/getChannel.ts';
import { findChannelByWebhook } from '../../db/queries/findChannelByWebhook.ts';
import { listTelegramConnections } from '../../db/queries/listTelegramConnections.ts';
import { openKeys } from '../../runtime/openKeys.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { issueKey } from './support/issueKey.ts';
import { type Stack, startStack } from './support/stack.ts';
import { request } from './support/visitor.ts';

/** A bot belongs to one tenant: each test has its own. */
const newBotToken = () => `${randomInt(1_000_000, 1_000_000_000)}:a-token-that-nobody-may-see`;

describe('the channels of a tenant', () => {
  let stack: Stack;
  let api: RunningApi;
  let tenantId: string;
  let token: string;
  let botToken: string;

  beforeAll(async () => {
    stack = await startStack();
    api = await stack.startApi();
  });
  afterAll(() => stack.stop());
  beforeEach(async () => {
    botToken = newBotToken();
    ({ tenantId } = await createTenant(stack.db));
    ({ key: token } = await issueKey(stack.db, tenantId, ['settings:read', 'settings:write']));
  });

  const call = (path: string, init: Parameters<typeof request>[1] = {}) =>
    request(`${api.url}/v1/admin/${path}`, { token, ...init });
  const post = (body: object) => call('channels', { body });
  const patch = (id: string, body: object) => call(`channels/${id}`, { method: 'PATCH', body });
  const telegram = (more: object = {}) => ({
    type: 'telegram',
    channelId: `-100${Date.now()}${Math.floor(Math.random() * 1_000)}`,
    secrets: { botTokens: [botToken] },
    ...more,
  });

  async function create(body: object): Promise<ChannelView> {
    const { status, body: channel } = await post(body);
    expect([status, channel]).toEqual([201, expect.anything()]);
    return channel as unknown as ChannelView;
  }

  it('take their type in any spelling and keep it in one', async () => {
    expect(await create(telegram({ type: 'TeleGram' }))).toMatchObject({ type: 'telegram', status: 'active' });
    expect(await create({ type: 'WEB' })).toMatchObject({ type: 'web', channelId: null });
    expect((await post({ type: 'pigeon', channelId: 'loft 7' })).body['code']).toBe('invalid_request');
  });

  it('have an account, but for the web', async () => {
    for (const type of ['facebook', 'telegram', 'whatsapp', 'portal']) {
      const { status, body } = await post({ type });
      expect([type, status, body['errors']]).toEqual([
        type,
        400,
        [{ path: '/channelId', message: expect.any(String) }],
      ]);
    }
    expect(await create({ type: 'whatsapp', channelId: '+43 1 4711' })).toMatchObject({ channelId: '+43 1 4711' });
  });

  it('keep their secrets to themselves: sealed, never shown, forgotten when told so', async () => {
    const made = await create(telegram({ webhookSecret: 'the-last-part-of-a-path' }));
    expect(made).toMatchObject({ hasSecrets: true, hasWebhook: true });
    const shown = [made, (await call(`channels/${made.id}`)).body, (await call('channels')).body];
    const stored = await getChannel(stack.db, tenantId, made.id);
    for (const secret of [botToken, 'the-last-part-of-a-path']) {
      expect(JSON.stringify(shown)).not.toContain(secret);
      expect(stored?.secrets?.toString('latin1')).not.toContain(secret);
    }
    const { secrets } = openKeys(stack.env, stack.db);
    expect(JSON.parse(await secrets.open(tenantId, stored?.secrets ?? Buffer.alloc(0)))).toEqual({
      botTokens: [botToken],
    });
    const hash = createHash('sha256').update('the-last-part-of-a-path').digest();
    expect(await findChannelByWebhook(stack.db, hash)).toEqual({ tenantId, connectionId: made.id });

    const changed = await patch(made.id, { secrets: null, webhookSecret: null, status: 'disabled' });
    expect(changed.body).toMatchObject({ hasSecrets: false, hasWebhook: false, status: 'disabled' });
    expect(await findChannelByWebhook(stack.db, hash)).toBeUndefined();
  });

  it('want the secrets that their provider gave, and say which is wrong without repeating it', async () => {
    const wrong = await post(telegram({ secrets: { botTokens: ['no-number-in-front'] } }));
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ path: '/secrets/botTokens/0' }] } });
    expect(JSON.stringify(wrong.body)).not.toContain('no-number');
    const { id } = await create(telegram());
    expect((await patch(id, { secrets: {} })).body['code']).toBe('invalid_request');
    expect((await patch(id, { type: 'web' })).body['code']).toBe('invalid_request');
  });

  it('are one for an account of the tenant, and one for a webhook of the installation', async () => {
    const channel = telegram({ webhookSecret: `secret-${randomUUID()}` });
    await create(channel);
    expect((await post({ ...channel, webhookSecret: `secret-${randomUUID()}` })).body['code']).toBe('conflict');
    const stranger = await createTenant(stack.db);
    const { key } = await issueKey(stack.db, stranger.tenantId, ['settings:write']);
    const withAnother = { ...channel, secrets: { botTokens: [newBotToken()] } };
    expect((await call('channels', { body: withAnother, token: key })).body['code']).toBe('conflict');
    const { webhookSecret: _taken, ...without } = { webhookSecret: '', ...withAnother };
    // A group is one tenant's: two that typed in the same would read each other.
    expect((await call('channels', { body: without, token: key })).body['code']).toBe('group_taken');
    const elsewhere = { ...without, channelId: `-100${Date.now()}7` };
    const withTheSame = { ...elsewhere, secrets: { botTokens: [botToken] } };
    expect((await call('channels', { body: withTheSame, token: key })).body['code']).toBe('bot_taken');
    expect((await call('channels', { body: elsewhere, token: key })).status).toBe(201);
  });

  it('serve nobody while the tenant has Telegram switched off', async () => {
    const { id } = await create(telegram());
    const served = async () => (await listTelegramConnections(stack.db, tenantId, 'development')).map((one) => one.id);
    expect(await served()).toEqual([id]);
    await request(`${api.url}/v1/admin/settings/development`, {
      token,
      method: 'PUT',
      body: { flags: { telegram: false } },
    });
    expect(await served()).toEqual([]);
  });

  it("are deleted, and another tenant's are as if they were not there", async () => {
    const { id } = await create(telegram());
    const { key } = await issueKey(stack.db, (await createTenant(stack.db)).tenantId, [
      'settings:read',
      'settings:write',
    ]);
    for (const init of [{}, { method: 'PATCH', body: { status: 'disabled' } }, { method: 'DELETE' }]) {
      const theirs = await call(`channels/${id}`, { ...init, token: key });
      const nobodys = await call(`channels/${uuidv7()}`, { ...init, token: key });
      const { requestId: _theirs, ...same } = theirs.body;
      expect(theirs.status).toBe(404);
      expect(nobodys.body).toMatchObject(same);
    }
    expect((await call(`channels/${id}`)).body).toMatchObject({ id, status: 'active' });
    expect((await call(`channels/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await call(`channels/${id}`)).body['code']).toBe('not_found');
    const log = await listAudit(stack.db, tenantId, { limit: 2 });
    expect(log.map(({ action }) => action)).toEqual(['channel.deleted', 'channel.created']);
  });
});
