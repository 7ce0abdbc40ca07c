import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NoticeActivities } from '../../contracts/notices.ts';
import { CONVERSATION_TASK_QUEUE } from '../../contracts/workflowId.ts';
import { workflowBundle } from '../../worker/workflowBundle.ts';
import type { groupNotices } from '../../workflows/sweeps/groupNotices.ts';
import { startEnvironment } from './conversationHarness.ts';

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await startEnvironment();
});
afterAll(() => env.teardown());

it('tells every group of every page, and lets none that has to pause hold up the others', async () => {
  const told: string[] = [];
  const pages: (string | null)[] = [];
  const activities: NoticeActivities = {
    findNotices: async ({ after }) => {
      pages.push(after);
      return after === null ? { tenantIds: ['a', 'throttled', 'b'], after: 'b' } : { tenantIds: ['c'], after: null };
    },
    tellGroup: async ({ tenantId }) => {
      if (tenantId === 'throttled') {
        const nextRetryDelay = '3 hours';
        throw ApplicationFailure.create({ type: 'TelegramThrottled', message: 'a long rest', nextRetryDelay });
      }
      told.push(tenantId);
    },
  };
  const { nativeConnection: connection, namespace } = env;
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: CONVERSATION_TASK_QUEUE,
    workflowBundle: { codePath: await workflowBundle() },
    activities: { ...activities },
  });
  await worker.runUntil(
    env.client.workflow.execute<typeof groupNotices>('groupNotices', {
      workflowId: `notices-${randomUUID()}`,
      taskQueue: CONVERSATION_TASK_QUEUE,
      args: [],
      workflowExecutionTimeout: '5 minutes',
    }),
  );
  expect(pages).toEqual([null, 'b']);
  expect(told.toSorted()).toEqual(['a', 'b', 'c']);
});
