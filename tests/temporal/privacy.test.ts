import { randomBytes, randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createAiActivities } from '../../activities/ai/createAiActivities.ts';
import { createLifecycleActivities } from '../../activities/lifecycle.ts';
import { createRecordActivities } from '../../activities/recordTurn.ts';
import { createMemoryHub } from '../../channels/web/memoryHub.ts';
import { conversationWorkflowId } from '../../contracts/workflowId.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { listMessages } from '../../db/queries/listMessages.ts';
import type { Words } from '../../db/words.ts';
import { openKeys } from '../../runtime/openKeys.ts';
import { createEngineClient } from '../../temporal/connect.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { isReadable } from '../support/isReadable.ts';
import { memoryFiles } from '../support/memoryFiles.ts';
import { plainText } from '../support/plainText.ts';
import { until } from '../workflow/until.ts';
import { conversationInput, startEngine, type TestEngine } from './startEngine.ts';

const { GetWorkflowExecutionHistoryResponse, DescribeWorkflowExecutionResponse, ListWorkflowExecutionsResponse } =
  proto.temporal.api.workflowservice.v1;

/** What people wrote or are called: none of it may be readable by who reads Temporal's database. */
const SECRETS = {
  visitorName: 'Wilhelmina Visitorson',
  question: 'Why is my insulin late?',
  answer: 'Insulin travels chilled.',
  agentName: 'Agentia Personsdottir',
  agentText: 'I am calling the pharmacy.',
  title: 'Insulin of Wilhelmina',
  note: 'Sounds desperate',
  handover: 'human, and quickly please',
};

let db: Db;
let words: Words;
let engine: TestEngine;
let raw: Client;
let failed = 0;

beforeAll(async () => {
  db = createDb(inject('servers').appUrl, { poolSize: 5 });
  const hub = createMemoryHub();
  const keys = openKeys({ MASTER_KEY: randomBytes(32).toString('base64') }, db);
  words = keys.words;
  engine = await startEngine({
    codec: keys.codec,
    activities: {
      ...createRecordActivities({ db, words, hub }),
      ...createLifecycleActivities({ db, hub, topics: { deleteTopic: async () => 'none' }, storage: memoryFiles() }),
      deliverToTopic: async () => ({ kind: 'no_channel' }),
      changeLedger: async () => undefined,
    },
    ai: createAiActivities({
      db,
      words,
      hub,
      provider: {
        name: 'quoting',
        async *answer({ question }) {
          failed += 1;
          if (failed === 1) throw new Error(`Cannot answer "${question}"`);
          yield SECRETS.answer;
          return { kind: 'answer', sources: [] };
        },
      },
    }),
  });
  raw = createEngineClient({ address: engine.address, namespace: 'default' }, plainText);
});
afterAll(async () => {
  await raw?.connection.close();
  await engine?.stop();
  await db?.close();
});

test('what Temporal keeps of a conversation holds no word and no name of it', async () => {
  const { tenantId, siteId } = await createTenant(db);
  const base = conversationInput();
  const input = {
    ...base,
    tenantId,
    visitor: { name: SECRETS.visitorName },
    setup: { ...base.setup, siteId },
  };
  const texts = async () =>
    (await listMessages({ db, words }, input, { since: 0, limit: 50 })).messages.map(({ text }) => text);
  const says = (text: string) =>
    engine.engine.acceptVisitorMessage(input, { clientMessageId: randomUUID(), text, receivedAt: Date.now() });
  const agent = { id: 'telegram:7', name: SECRETS.agentName };

  await says('Hi');
  await says(SECRETS.question);
  await until(async () => (await texts()).includes(SECRETS.answer), 'the answer of the second try', 20_000);
  await says(SECRETS.handover);
  await engine.engine.signalAgentMessage(input, { key: 'tg:1:1', agent, text: SECRETS.agentText });
  await engine.engine.command(input, { agent, command: { name: 'rename', title: SECRETS.title } });
  await engine.engine.command(input, { agent, command: { name: 'note', text: SECRETS.note } });
  await until(async () => (await texts()).includes(SECRETS.agentText), 'the words of the person');

  const kept = await bytesOf(raw, conversationWorkflowId(input));
  // The search would find words: it finds what is meant to be readable.
  expect(kept.includes(tenantId)).toBe(true);
  expect(kept.includes('visitorMessage')).toBe(true);
  expect(kept.includes('recordTurn')).toBe(true);
  expect(failed).toBe(2);
  // The failure of the first try is there, without its words and its stack.
  expect(kept.includes('Encoded failure')).toBe(true);
  expect(kept.includes('activities/ai/')).toBe(false);
  const readable = Object.entries(SECRETS).filter(([, words]) => isReadable(kept, words));
  expect(readable).toEqual([]);

  // With the tenant's key all of it is there.
  const status = await engine.engine.status(input);
  expect(status).toMatchObject({ title: SECRETS.title, claimedBy: agent });
});

/** History, description and what lists show: search attributes, memo, summaries and failures are in them. */
async function bytesOf({ workflowService, options }: Client, workflowId: string): Promise<Buffer> {
  const { namespace } = options;
  const execution = { workflowId };
  const [history, description, list] = await Promise.all([
    workflowService.getWorkflowExecutionHistory({ namespace, execution }),
    workflowService.describeWorkflowExecution({ namespace, execution }),
    workflowService.listWorkflowExecutions({ namespace, query: `WorkflowId = "${workflowId}"` }),
  ]);
  expect(history.nextPageToken ?? []).toHaveLength(0);
  return Buffer.concat([
    GetWorkflowExecutionHistoryResponse.encode(history).finish(),
    DescribeWorkflowExecutionResponse.encode(description).finish(),
    ListWorkflowExecutionsResponse.encode(list).finish(),
  ]);
}
