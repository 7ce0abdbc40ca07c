import { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import { resolveTestServer } from '../../../dev/servers/resolveTestServer.ts';

it('resolveTestServer: the server it finds skips thirty days', async () => {
  const executable = await resolveTestServer();
  const environment = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
  try {
    const before = await environment.currentTimeMs();
    await environment.sleep('30 days');
    expect((await environment.currentTimeMs()) - before).toBeGreaterThanOrEqual(30 * 24 * 60 * 60 * 1_000);
  } finally {
    await environment.teardown();
  }
}, 600_000);
