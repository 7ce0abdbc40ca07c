import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVICE_TOKEN, type Stack, startStack } from './support/stack.ts';
import { request } from './support/visitor.ts';

const METRICS_TOKEN = 'a-token-for-figures-of-this-test-alone';

describe('the metrics', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.stop());

  it('are for whoever has their token, which is good for nothing else', async () => {
    const api = await stack.startApi({ METRICS_TOKEN });
    const read = (token?: string) => request(`${api.url}/metrics`, token ? { token } : {});
    expect((await read(METRICS_TOKEN)).body['text']).toContain('parley_sockets');
    expect(await read()).toMatchObject({ status: 401, body: { code: 'auth_required' } });
    expect(await read(SERVICE_TOKEN)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    const admin = await request(`${api.url}/v1/admin/api-keys`, { token: METRICS_TOKEN });
    expect(admin).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  it('are for nobody in production where there is no token', async () => {
    const api = await stack.startApi({ NODE_ENV: 'production' });
    expect(await request(`${api.url}/metrics`)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await request(`${api.url}/docs/json`)).status).toBe(200);
  });
});
