import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkflowNotFoundError } from '@temporalio/client';
import { getTableName } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRecordActivities } from '../../activities/recordTurn.ts';
import type { ErasureDetails } from '../../contracts/erasure.ts';
import { conversationWorkflowId, DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { listAudit } from '../../db/queries/audit/listAudit.ts';
import { TABLES_OF_A_CONVERSATION } from '../../db/queries/erasures/eraseRows.ts';
import { sites } from '../../db/schema/sites.ts';
import { withTenant } from '../../db/withTenant.ts';
import { freePort } from '../../dev/servers/freePort.ts';
import { openKeys } from '../../runtime/openKeys.ts';
import { createEngineClient } from '../../temporal/connect.ts';
import { openConversation, request, VisitorClient } from '../api/support/visitor.ts';
import { turnOf, visitorSays } from '../db/fixtures/turns.ts';
import { plainText } from '../support/plainText.ts';
import type { Program } from '../support/program.ts';
import { type System, startApiProcess, startSystem, startWorkerProcess } from '../support/startSystem.ts';
import { until } from '../workflow/until.ts';

const ORIGIN = 'https://shop.example';

/** Servers, two processes, and one of those killed and started again. */
const WITHIN_MS = 240_000;

let system: System;
let api: Program;
let worker: Program;
let url: string;
let db: Db;

beforeAll(async () => {
  system = await startSystem({ origin: ORIGIN });
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  [api, worker] = await Promise.all([startApiProcess(system, port), startWorkerProcess(system)]);
  db = createDb(system.variables['DATABASE_URL'] ?? '', { poolSize: 3 });
}, WITHIN_MS);
afterAll(async () => {
  await Promise.all([api?.discard(), worker?.discard()]);
  await db?.close();
  await system?.stop();
}, WITHIN_MS);

interface Visit {
  conversationId: string;
  token: string;
  client: VisitorClient;
}

/** A visitor who has written, and whose words are recorded and in a topic. */
async function visit(): Promise<Visit> {
  const { conversationId, token } = await openConversation(url, { siteKey: 'demo', origin: ORIGIN });
  const client = await VisitorClient.join(url, token, { origin: ORIGIN });
  const words = `Please forget ${conversationId}`;
  client.say(words);
  await client.message(words);
  await until(async () => (await countRows(conversationId))['telegram_topics'] === 1, 'the topic', 20_000);
  await upload(token);
  return { conversationId, token, client };
}

/** A file of the visitor's, which no message carries yet. */
async function upload(token: string): Promise<void> {
  const form = new FormData();
  form.append('id', randomUUID());
  form.append('file', new Blob(['Please forget this']), 'words.txt');
  const headers = { authorization: `Bearer ${token}`, origin: ORIGIN };
  const { status } = await fetch(`${url}/v1/webchat/files`, { method: 'POST', headers, body: form });
  expect(status).toBe(201);
}

/** How many files of the conversation are in the storage. */
async function countFiles(conversationId: string): Promise<number> {
  const folder = join(system.variables['FILES_FOLDER'] ?? '', DEFAULT_TENANT_ID, conversationId);
  return (await readdir(folder)).length;
}

/** Rows of one conversation by table; those without one are left out. */
async function countRows(conversationId: string): Promise<Record<string, number>> {
  const names = TABLES_OF_A_CONVERSATION.map((table) => getTableName(table));
  const parts = names.map((name) => `SELECT '${name}' AS name FROM ${name} WHERE conversation_id = $1`);
  const text = `${parts.join(' UNION ALL ')} UNION ALL SELECT 'conversations' FROM conversations WHERE id = $1`;
  return withTenant(db, DEFAULT_TENANT_ID, async (tx) => {
    const { rows } = await tx.$client.query<{ name: string }>(text, [conversationId]);
    const counts: Record<string, number> = {};
    for (const { name } of rows) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  });
}

const token = () => system.variables['SERVICE_TOKEN'];

async function readErasure(id: string): Promise<ErasureDetails> {
  const { body } = await request(`${url}/v1/admin/erasures/${id}`, { token: token() });
  return body as unknown as ErasureDetails;
}

test(
  'an erasure whose worker is killed leaves nothing of its visitors, and all of the others',
  async () => {
    const visits = await Promise.all(Array.from({ length: 3 }, visit));
    const [kept, ...erased] = visits;
    const ids = erased.map(({ conversationId }) => conversationId);
    const before = await Promise.all(ids.map(countRows));

    const asked = await request(`${url}/v1/admin/conversations/bulk-delete`, { token: token(), body: { ids } });
    expect([asked.status, asked.body['conversations']]).toEqual([202, 2]);
    const id = String(asked.body['id']);
    // Who is connected is shown out, and a message is refused from now on.
    for (const { client } of erased) expect(await client.closed()).toBeGreaterThanOrEqual(4_000);
    const late = { clientMessageId: randomUUID(), text: 'One more thing' };
    const refused = await request(`${url}/v1/webchat/message`, { origin: ORIGIN, token: erased[0]?.token, body: late });
    expect(refused.body['code']).toMatch(/^(session_revoked|conversation_not_found)$/);

    await until(async () => (await readErasure(id)).progress.erased > 0, 'the first conversation to be erased', 90_000);
    worker.killAll();
    await worker.ended;
    const interrupted = await readErasure(id);
    expect([interrupted.state, interrupted.receipt]).toEqual(['running', null]);
    expect(interrupted.progress.erased).toBe(1);
    worker = await startWorkerProcess(system);
    await until(async () => (await readErasure(id)).state === 'done', 'the end of the erasure', 90_000);

    // The receipt is what there was, and there is nothing any more.
    const { receipt, items } = await readErasure(id);
    expect(receipt).toMatchObject({ conversations: 2, workflowRuns: 2, topics: { deleted: 2 } });
    const sum = (table: string) => before.reduce((total, counts) => total + (counts[table] ?? 0), 0);
    for (const table of ['conversations', 'sessions', 'messages', 'files', 'telegram_topics']) {
      expect([table, receipt?.rows[table]]).toEqual([table, sum(table)]);
    }
    expect(items.map(({ conversationId }) => conversationId)).toEqual([...ids].sort());
    expect(await Promise.all(ids.map(countRows))).toEqual([{}, {}]);
    expect(await Promise.all(ids.map(countFiles))).toEqual([0, 0]);
    for (const conversationId of ids) expect(await isKept(conversationId)).toBe(false);
    expect(await system.telegram.listTopics()).toHaveLength(1);

    // The other visitor has noticed nothing.
    kept?.client.say('I am still here');
    await kept?.client.message('I am still here');
    expect(await isKept(kept?.conversationId ?? '')).toBe(true);
    expect(await countFiles(kept?.conversationId ?? '')).toBe(1);

    const log = await listAudit(db, DEFAULT_TENANT_ID, { limit: 10 });
    const lines = log.filter(({ target }) => target === `erasure/${id}`);
    expect(lines.map(({ action }) => action)).toEqual(['erasure.done', 'erasure.requested']);
    expect(worker.output).toMatch(new RegExp(`"erasure_id":"${id}","msg":"an erasure is done"`));
    expect(JSON.stringify([log, items, worker.output, api.output])).not.toContain('Please forget');
  },
  WITHIN_MS,
);

test(
  'what a paused worker wants to record of an erased conversation is refused',
  async () => {
    const { conversationId } = await visit();
    const { body } = await request(`${url}/v1/admin/erasures`, { token: token(), body: { conversationId } });
    const [site] = await withTenant(db, DEFAULT_TENANT_ID, (tx) => tx.select().from(sites));
    const tenant = { tenantId: DEFAULT_TENANT_ID, siteId: site?.id ?? '', siteKey: 'demo' };
    const { words } = openKeys({ MASTER_KEY: system.variables['MASTER_KEY'] ?? '' }, db);
    const { recordTurn } = createRecordActivities({ db, words, hub: { publish: async () => {} } });
    const turn = turnOf(tenant, conversationId, { messages: [visitorSays('too late')], conversation: { turn: 99 } });
    await expect(recordTurn(turn)).rejects.toMatchObject({ type: 'ConversationErased', nonRetryable: true });
    await until(async () => (await readErasure(String(body['id']))).state === 'done', 'the end of the erasure', 90_000);
    await expect(recordTurn(turn)).rejects.toMatchObject({ type: 'ConversationErased' });
    expect(await countRows(conversationId)).toEqual({});
  },
  WITHIN_MS,
);

/** Does Temporal know the conversation? */
async function isKept(conversationId: string): Promise<boolean> {
  const client = createEngineClient(
    { address: system.variables['TEMPORAL_ADDRESS'] ?? '', namespace: 'default' },
    plainText,
  );
  const workflowId = conversationWorkflowId({ tenantId: DEFAULT_TENANT_ID, conversationId });
  try {
    await client.workflow.getHandle(workflowId).describe();
    return true;
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    return false;
  } finally {
    await client.connection.close();
  }
}
