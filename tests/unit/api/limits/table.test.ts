import { expect, it } from 'vitest';
import { RATE_LIMITS } from '../../../../api/limits/table.ts';
import { InvalidEnvironmentError, readEnv } from '../../../../config/env.ts';
import { tenantSettingsSchema } from '../../../../contracts/tenantSettings.ts';
import { testLimits } from '../../../support/testLimits.ts';

const ENV = {
  DATABASE_URL: 'postgres://localhost/parley',
  CONVERSATION_JWT_SECRET: 'x'.repeat(32),
  MASTER_KEY: Buffer.alloc(32).toString('base64'),
};

it('gives a tenant without settings the figures of the table', () => {
  const { limits } = tenantSettingsSchema.parse({});
  expect(limits).toEqual({
    messagesPerMinute: RATE_LIMITS['tenant.message'].points,
    startsPerMinutePerIp: RATE_LIMITS['ip.start'].points,
  });
});

it('takes an installation’s own figures from LIMITS, above a tenant’s', async () => {
  const overrides = readEnv({ ...ENV, LIMITS: 'ip.start=2,tenant.message=500' }).LIMITS;
  expect(overrides).toEqual({ 'ip.start': 2, 'tenant.message': 500 });
  const limits = testLimits({ overrides });
  await limits.consume('ip.start', 'a', { limit: 50 });
  await limits.consume('ip.start', 'a', { limit: 50 });
  await expect(limits.consume('ip.start', 'a', { limit: 50 })).rejects.toMatchObject({ code: 'rate_limited' });
});

it('refuses LIMITS that say nothing or name what is no limit', () => {
  for (const LIMITS of ['ip.start', 'ip.start=0', 'ip.start=-1', 'ip.start=many']) {
    expect(() => readEnv({ ...ENV, LIMITS })).toThrow(InvalidEnvironmentError);
  }
  expect(() => testLimits({ overrides: { 'ip.strat': 5 } })).toThrow(/ip\.strat/);
});
