import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../../dev/servers/freePort.ts';
import { startTemporal } from '../../../dev/servers/startTemporal.ts';

it('startTemporal: keeps a started workflow through kill -9, and serves its UI', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-temporal-'));
  const places = { dbFile: join(folder, 'temporal.db'), logFile: join(folder, 'temporal.log') };
  const uiPort = await freePort();
  const first = await startTemporal({ ...places, uiPort });
  expect((await fetch(first.uiUrl ?? '')).status).toBe(200);

  const tenant = defineSearchAttributeKey('TenantId', SearchAttributeType.KEYWORD);
  const connection = await Connection.connect({ address: first.address });
  await new Client({ connection }).workflow.start('anything', {
    workflowId: 'kept',
    taskQueue: 'nobody-polls',
    typedSearchAttributes: [{ key: tenant, value: 'tenant-1' }],
  });
  await connection.close();
  await first.kill();

  const second = await startTemporal({ ...places, port: first.port });
  const again = await Connection.connect({ address: second.address });
  onTestFinished(async () => {
    await again.close();
    await second.stop();
    await rm(folder, { recursive: true });
  });
  const described = await new Client({ connection: again }).workflow.getHandle('kept').describe();
  expect(described.status.name).toBe('RUNNING');
  expect(described.typedSearchAttributes.get(tenant)).toBe('tenant-1');
}, 180_000);
