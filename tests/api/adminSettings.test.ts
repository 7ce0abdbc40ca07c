import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import { listAudit } from '../../db/queries/audit/listAudit.ts';
import { getSiteByKey } from '../../db/queries/getSiteByKey.ts';
import { tenantSettings } from '../../db/schema/tenantSettings.ts';
import { withTenant } from '../../db/withTenant.ts';
import { createTenant, type TestTenant } from '../db/fixtures/createTenant.ts';
import { issueKey } from './support/issueKey.ts';
import { type Stack, startStack } from './support/stack.ts';
import { request } from './support/visitor.ts';

const ELSEWHERE = 'https://partner.example';
const DAY_SECONDS = 24 * 3_600;

describe("a tenant's settings", () => {
  let stack: Stack;
  let api: RunningApi;
  let tenant: TestTenant;
  let token: string;

  beforeAll(async () => {
    stack = await startStack();
    api = await stack.startApi({ PARLEY_ENVIRONMENT: 'staging' });
  });
  afterAll(() => stack.stop());
  beforeEach(async () => {
    tenant = await createTenant(stack.db);
    ({ key: token } = await issueKey(stack.db, tenant.tenantId, ['settings:read', 'settings:write']));
  });

  const read = (environment: string) => request(`${api.url}/v1/admin/settings/${environment}`, { token });
  const put = (environment: string, body: object) =>
    request(`${api.url}/v1/admin/settings/${environment}`, { token, method: 'PUT', body });

  it('are the defaults until somebody sets them, each environment for itself', async () => {
    const { body } = await read('production');
    expect(body).toMatchObject({
      settings: {
        retention: { conversationDays: 90, telemetryDays: 30, ipDays: 7, webhookDays: 30 },
        limits: { startsPerMinutePerIp: 10 },
        allowedOrigins: [],
      },
      flags: { telegram: true, ai: true, portal: true, proofOfWork: false },
      updatedAt: null,
    });
    const saved = await put('staging', { settings: { retention: { ipDays: 1 } }, flags: { ai: false } });
    expect(saved).toMatchObject({
      status: 200,
      body: { environment: 'staging', flags: { ai: false, telegram: true } },
    });
    expect((await read('staging')).body).toEqual(saved.body);
    expect((await read('production')).body).toEqual(body);
    expect((await read('moon')).body['code']).toBe('invalid_request');
  });

  it('keep what differs from a default, and tell the audit log what is otherwise than before', async () => {
    const { tenantId } = tenant;
    await put('staging', { settings: { retention: { ipDays: 1, telemetryDays: 30 } }, flags: { ai: false } });
    await put('staging', { settings: { retention: { ipDays: 1 } }, flags: { proofOfWork: true } });
    const [row] = await withTenant(stack.db, tenantId, (tx) => tx.select().from(tenantSettings));
    expect(row).toMatchObject({ settings: { retention: { ipDays: 1 } }, flags: { proofOfWork: true } });
    const log = (await listAudit(stack.db, tenantId, { limit: 10 })).filter(
      ({ action }) => action === 'settings.saved',
    );
    expect(log.map(({ target, data }) => [target, data])).toEqual([
      ['settings/staging', { settings: {}, flags: { ai: true, proofOfWork: true } }],
      ['settings/staging', { settings: { retention: { ipDays: 1 } }, flags: { ai: false } }],
    ]);
  });

  it('are refused with what no setting is, or not within its bounds', async () => {
    for (const body of [
      { settings: { retention: { weeks: 1 } } },
      { settings: { retention: { ipDays: 0 } } },
      { settings: { limits: { messagesPerMinute: 1.5 } } },
      { settings: { allowedOrigins: ['https://*.example'] } },
      { flags: { teleport: true } },
      { theme: 'dark' },
    ]) {
      expect([body, (await put('staging', body)).body['code']]).toEqual([body, 'invalid_request']);
    }
  });

  it('hold for the sites of the environment that the installation is, and for no other', async () => {
    const { tenantId, siteKey } = tenant;
    const config = async () =>
      (await request(`${api.url}/v1/webchat/config?siteKey=${siteKey}`, { origin: ELSEWHERE })).status;
    expect(await config()).toBe(403);
    await put('production', { settings: { allowedOrigins: [ELSEWHERE], retention: { conversationDays: 5 } } });
    const inStaging = await getSiteByKey(stack.db, siteKey, 'staging');
    expect(inStaging?.allowedOrigins).toEqual([]);
    expect((await getSiteByKey(stack.db, siteKey, 'production'))?.settings.retentionSeconds).toBe(5 * DAY_SECONDS);

    await put('staging', { settings: { allowedOrigins: ['partner.example'] }, flags: { ai: false } });
    await expect.poll(config, { timeout: 5_000, interval: 100 }).toBe(200);
    const site = await getSiteByKey(stack.db, siteKey, 'staging');
    expect([inStaging?.settings.aiEnabled, site?.settings.aiEnabled]).toEqual([true, false]);
    expect(site).toMatchObject({ tenantId, tenant: { status: 'active', flags: { ai: false } } });
  });
});
