import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type ErasureActivities,
  erasureWorkflowId,
  type RetentionActivities,
  UPKEEP_TASK_QUEUE,
} from '../../contracts/upkeep.ts';
import { CONVERSATION_TASK_QUEUE } from '../../contracts/workflowId.ts';
import { workflowBundle } from '../../worker/workflowBundle.ts';
import type { erasure } from '../../workflows/erasure/erasure.ts';
import { progressQuery } from '../../workflows/erasure/messages.ts';
import type { retentionSweep } from '../../workflows/sweeps/retentionSweep.ts';
import { startEnvironment } from './conversationHarness.ts';
import { SECOND } from './fixtures.ts';

type Steps = ErasureActivities & RetentionActivities;

let env: TestWorkflowEnvironment;
let workers: Worker[];
let running: Promise<unknown>;
/** What the steps do in the present test, and what was done by which. */
let steps: Partial<Steps>;
let done: string[];

/** Hands every step to the present test, and notes that it was taken. */
function activities(): Record<string, (input: unknown) => Promise<unknown>> {
  const step = (name: keyof Steps) => async (input: unknown) => {
    done.push(name);
    return (steps[name] as ((given: unknown) => Promise<unknown>) | undefined)?.(input);
  };
  const names: (keyof Steps)[] = [
    'beginErasure',
    'listToErase',
    'endConversation',
    'terminateConversation',
    'deleteTopic',
    'eraseRows',
    'listRuns',
    'deleteRuns',
    'noteErased',
    'finishErasure',
    'listTenants',
    'sweepTenant',
    'deleteEndedHistories',
  ];
  return Object.fromEntries(names.map((name) => [name, step(name)]));
}

beforeAll(async () => {
  env = await startEnvironment();
  const { nativeConnection: connection, namespace } = env;
  workers = [
    await Worker.create({
      connection,
      namespace,
      taskQueue: CONVERSATION_TASK_QUEUE,
      workflowBundle: { codePath: await workflowBundle() },
    }),
    await Worker.create({ connection, namespace, taskQueue: UPKEEP_TASK_QUEUE, activities: activities() }),
  ];
  running = Promise.all(workers.map((worker) => worker.run()));
});
afterAll(async () => {
  for (const worker of workers) worker.shutdown();
  await running;
  await env.teardown();
});
beforeEach(() => {
  done = [];
});

describe('the workflow of an erasure', () => {
  const ref = () => ({ tenantId: randomUUID(), erasureId: randomUUID() });
  const start = (erasureRef: ReturnType<typeof ref>) =>
    env.client.workflow.start<typeof erasure>('erasure', {
      workflowId: erasureWorkflowId(erasureRef),
      taskQueue: CONVERSATION_TASK_QUEUE,
      args: [erasureRef],
    });

  /** An erasure of these conversations, none of which makes trouble. */
  function quiet(conversationIds: string[]): Partial<Steps> {
    const left = [...conversationIds];
    return {
      beginErasure: async () => ({ conversations: conversationIds.length, erased: 0 }),
      listToErase: async () => [...left],
      endConversation: async () => true,
      deleteTopic: async () => 'deleted',
      listRuns: async () => ['run-2', 'run-1'],
      noteErased: async () => void left.shift(),
    };
  }

  const EACH = ['endConversation', 'deleteTopic', 'eraseRows', 'listRuns', 'deleteRuns', 'noteErased'];

  it('waits for the revocation, then erases one conversation after the other, in the order that leaves nothing', async () => {
    const before = await env.currentTimeMs();
    let firstAt = 0;
    const topics: unknown[] = [];
    steps = {
      ...quiet([randomUUID(), randomUUID()]),
      endConversation: async () => {
        firstAt ||= await env.currentTimeMs();
        return true;
      },
      eraseRows: async ({ topic }) => void topics.push(topic),
    };
    const handle = await start(ref());
    await handle.result();
    expect(done).toEqual(['beginErasure', 'listToErase', ...EACH, ...EACH, 'listToErase', 'finishErasure']);
    expect(firstAt - before).toBeGreaterThanOrEqual(7 * SECOND);
    expect(topics).toEqual(['deleted', 'deleted']);
    expect(await handle.query(progressQuery)).toMatchObject({ conversations: 2, erased: 2 });
  });

  it('terminates a conversation that does not end, and waits until what it left behind has ended', async () => {
    const at: Record<string, number> = {};
    steps = {
      ...quiet([randomUUID()]),
      endConversation: async () => false,
      terminateConversation: async () => {
        at['terminated'] = await env.currentTimeMs();
      },
      deleteTopic: async () => {
        at['topic'] = await env.currentTimeMs();
        return 'none';
      },
    };
    await (await start(ref())).result();
    expect(done.slice(2, 5)).toEqual(['endConversation', 'terminateConversation', 'deleteTopic']);
    expect((at['topic'] ?? 0) - (at['terminated'] ?? 0)).toBeGreaterThanOrEqual(70 * SECOND);
  });

  it('outlasts an outage of the database, and ends as failed only when a step can never be done', async () => {
    let tries = 0;
    const states: unknown[] = [];
    steps = {
      ...quiet([randomUUID()]),
      eraseRows: async () => {
        tries += 1;
        if (tries < 12) throw new Error('The database is out of reach');
      },
      finishErasure: async ({ state }) => void states.push(state),
    };
    await (await start(ref())).result();
    expect([tries, states]).toEqual([12, ['done']]);

    steps = {
      ...steps,
      ...quiet([randomUUID()]),
      listRuns: () => Promise.reject(ApplicationFailure.nonRetryable('no')),
    };
    await expect((await start(ref())).result()).rejects.toThrow(WorkflowFailedError);
    expect(states).toEqual(['done', 'failed']);
  });

  it('does nothing for a request that was never committed', async () => {
    steps = { beginErasure: async () => null };
    await (await start(ref())).result();
    expect(done).toEqual(['beginErasure']);
  });
});

describe('the daily sweep', () => {
  it('visits every tenant by pages, leaves a bad one for tomorrow, then deletes histories until there are none', async () => {
    const tenants: string[] = Array.from({ length: 203 }, () => randomUUID()).sort();
    const swept: string[] = [];
    let histories = 450;
    steps = {
      listTenants: async ({ after, limit }) => {
        const first = after === null ? 0 : tenants.indexOf(after) + 1;
        return tenants.slice(first, first + limit);
      },
      sweepTenant: async ({ tenantId }) => {
        if (tenantId === tenants[101]) throw ApplicationFailure.nonRetryable('a bad tenant');
        swept.push(tenantId);
        return { telemetryEvents: 0, addresses: 0, silentSessions: 0, webhookRecords: 0, files: 0, notices: 0 };
      },
      deleteEndedHistories: async ({ limit }) => {
        const deleted = Math.min(limit, histories);
        histories -= deleted;
        return deleted;
      },
    };
    await env.client.workflow.execute<typeof retentionSweep>('retentionSweep', {
      workflowId: `sweep-${randomUUID()}`,
      taskQueue: CONVERSATION_TASK_QUEUE,
      args: [],
    });
    expect(swept).toEqual(tenants.filter((tenantId) => tenantId !== tenants[101]));
    expect(histories).toBe(0);
  });
});
