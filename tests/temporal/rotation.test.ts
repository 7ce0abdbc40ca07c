import { randomBytes } from 'node:crypto';
import proto from '@temporalio/proto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import type { KeyTools } from '../../commands/keys/keyTools.ts';
import { retireDataKeys } from '../../commands/keys/retireDataKeys.ts';
import { rotateDataKeys } from '../../commands/keys/rotateDataKeys.ts';
import { rotateMasterKey } from '../../commands/keys/rotateMasterKey.ts';
import { conversationWorkflowId, DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { readKeyVersions } from '../../db/queries/keys/readKeyVersions.ts';
import { type KeyEnv, openKeyProvider } from '../../runtime/openKeyProvider.ts';
import { openKeys } from '../../runtime/openKeys.ts';
import { createEngineClient } from '../../temporal/connect.ts';
import { type Stack, startStack } from '../api/support/stack.ts';
import { openConversation, VisitorClient } from '../api/support/visitor.ts';
import { createOwnDatabase, type OwnDatabase } from '../support/ownDatabase.ts';
import { plainText } from '../support/plainText.ts';
import { until } from '../workflow/until.ts';

const { GetWorkflowExecutionHistoryResponse } = proto.temporal.api.workflowservice.v1;

let database: OwnDatabase;
let stack: Stack;

beforeAll(async () => {
  database = await createOwnDatabase();
  stack = await startStack({ databaseUrl: database.appUrl });
});
afterAll(async () => {
  await stack?.stop();
  await database?.drop();
});

const toolsWith = (env: KeyEnv): KeyTools => ({
  db: stack.db,
  provider: openKeyProvider(env),
  openKeys: () => openKeys(env, stack.db),
  say: () => {},
});

test('a conversation goes on across both rotations, in processes that run on and in those that start anew', async () => {
  const before = { MASTER_KEY: stack.env.MASTER_KEY };
  const after = { MASTER_KEY: randomBytes(32).toString('base64') };
  const stopWorker = await stack.startWorker();
  const api = await stack.startApi();
  const { token, conversationId } = await openConversation(api.url, stack.site);
  const visitor = await VisitorClient.join(api.url, token);
  const says = async (client: VisitorClient, text: string) => {
    await client.ack(client.say(text));
    await client.message(text);
  };
  await says(visitor, 'Before any rotation');

  const rolledOut = { ...after, MASTER_KEY_PREVIOUS: [before.MASTER_KEY ?? ''] };
  expect(await rotateMasterKey(toolsWith(rolledOut))).toBeGreaterThan(0);
  await says(visitor, 'After the master key');

  await rotateDataKeys(toolsWith(after), { olderThanMs: 0, settleMs: 0 });
  // Whoever ran before knows the old version for some seconds more.
  await says(visitor, 'After the data key');

  // The processes of the old master key go, and others come that never knew it.
  await stopWorker();
  visitor.leave();
  await api.close();
  await stack.startWorker(after);
  const next: RunningApi = await stack.startApi(after);
  const again = await openConversation(next.url, stack.site, { conversationId });
  const back = await VisitorClient.join(next.url, again.token, { since: 0 });
  await says(back, 'In processes that know the new keys alone');
  const texts = back.messages().flatMap(({ direction, text }) => (direction === 'INBOUND' ? [text] : []));
  expect(texts).toEqual([
    'Before any rotation',
    'After the master key',
    'After the data key',
    'In processes that know the new keys alone',
  ]);

  const ref = { tenantId: DEFAULT_TENANT_ID, conversationId };
  await until(async () => (await versionsIn(ref)).includes('2'), 'the new version in the history');
  expect(await versionsIn(ref)).toContain('1');

  // The history needs its version for as long as there is a history.
  const temporal = createEngineClient(address(), plainText);
  const retire = () => retireDataKeys(toolsWith(after), { settleMs: 0, temporal, only: DEFAULT_TENANT_ID });
  const versions = async () => (await readKeyVersions(stack.db, DEFAULT_TENANT_ID)).map(({ version }) => version);
  await rotateDataKeys(toolsWith(after), { olderThanMs: 0, settleMs: 0 });
  await retire();
  expect(await versions()).toEqual([1, 2, 3]);
  const { workflowService } = temporal;
  const workflowExecution = { workflowId: conversationWorkflowId(ref) };
  await workflowService.deleteWorkflowExecution({ namespace: 'default', workflowExecution });
  await until(async () => {
    await retire();
    return (await versions()).length === 1;
  }, 'nothing uses the old versions');
  await temporal.connection.close();
});

const address = () => ({ address: stack.env.TEMPORAL_ADDRESS, namespace: stack.env.TEMPORAL_NAMESPACE });

/** Under which versions of the data key the payloads of the history are. */
async function versionsIn(ref: { tenantId: string; conversationId: string }): Promise<string[]> {
  const raw = createEngineClient(address(), plainText);
  const execution = { workflowId: conversationWorkflowId(ref) };
  const history = await raw.workflowService.getWorkflowExecutionHistory({ namespace: 'default', execution });
  await raw.connection.close();
  const json = JSON.stringify(GetWorkflowExecutionHistoryResponse.toObject(history, { bytes: String }));
  const found = json.matchAll(/"parley-key-version":"([^"]+)"/g);
  return [...new Set([...found].map(([, version = '']) => Buffer.from(version, 'base64').toString()))].sort();
}
