import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createRecordActivities } from '../../activities/recordTurn.ts';
import type { MessageEdit } from '../../contracts/activities.ts';
import type { ServerFrame } from '../../contracts/frames.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { exportLines } from '../../db/queries/export/exportLines.ts';
import { readRecentMessages } from '../../db/queries/knowledge/readRecentMessages.ts';
import { listEdits } from '../../db/queries/listEdits.ts';
import { listMessages } from '../../db/queries/listMessages.ts';
import { withTenant } from '../../db/withTenant.ts';
import { createTenant } from './fixtures/createTenant.ts';
import { botSays, turnOf, visitorSays } from './fixtures/turns.ts';
import { wordsOf } from './fixtures/wordsOf.ts';

let db: Db;
beforeAll(async () => {
  await migrate(inject('servers').ownerUrl);
  db = createDb(inject('servers').appUrl, { poolSize: 4 });
});
afterAll(() => db.close());

test('what an agent changed is read everywhere, by the newest edit alone, and nobody else’s words can be changed', async () => {
  const tenant = await createTenant(db);
  const words = wordsOf(db);
  const ref = { tenantId: tenant.tenantId, conversationId: uuidV7() };
  const frames: ServerFrame[] = [];
  const publish = async (_ref: unknown, published: readonly ServerFrame[]) => void frames.push(...published);
  const { recordTurn } = createRecordActivities({ db, words, hub: { publish } });
  const question = visitorSays('When?');
  const reply = botSays('At *nine*', {
    author: { kind: 'agent', name: 'Kim' },
    entities: [],
    replyTo: { messageId: question.id },
  });
  let turn = 1;
  const record = (parts: Parameters<typeof turnOf>[2]) => {
    const conversation = { turn };
    turn += 1;
    return recordTurn(turnOf(tenant, ref.conversationId, { ...parts, conversation }));
  };
  const edit = (messageId: string, text: string, second: number): MessageEdit => ({
    messageId,
    text,
    entities: [],
    editedAt: Date.UTC(2026, 0, 2, 3, 5, second),
  });
  await record({ messages: [question, reply] });
  await record({ edits: [edit(reply.id, 'At ten', 2)] });
  // Telegram's dates are in seconds: of two the later one holds.
  await record({ edits: [edit(reply.id, 'At eleven', 2), edit(question.id, 'Never', 3)] });
  await record({ edits: [edit(reply.id, 'Too late', 1), edit(uuidV7(), 'Nothing', 4)] });

  const { messages } = await listMessages({ db, words }, ref, { since: 0, limit: 10 });
  expect(messages.map(({ text }) => text)).toEqual(['When?', 'At eleven']);
  expect(messages[1]).toMatchObject({ replyTo: { messageId: question.id }, editedAt: '2026-01-02T03:05:02.000Z' });
  expect(await listEdits({ db, words }, ref, { upToSeq: 2, limit: 5 })).toEqual([messages[1]]);
  expect(await listEdits({ db, words }, ref, { upToSeq: 1, limit: 5 })).toEqual([]);
  const told = frames.flatMap((frame) => (frame.type === 'message_edited' ? [[frame.seq, frame.text]] : []));
  expect(told).toEqual([
    [2, 'At ten'],
    [2, 'At eleven'],
  ]);

  await words.ready(ref.tenantId);
  const { conversationId } = ref;
  const recent = await withTenant(db, ref.tenantId, (tx) =>
    readRecentMessages(tx, words, { conversationId, upToSeq: 2, limit: 5 }),
  );
  expect(recent.map(({ text }) => text)).toEqual(['When?', 'At eleven']);
  const archive = await withTenant(db, ref.tenantId, async (tx) => {
    const lines: string[] = [];
    for await (const line of exportLines(tx, words, { tenantId: ref.tenantId, conversationIds: [conversationId] })) {
      lines.push(line);
    }
    return lines;
  });
  const exported = archive.map((line) => JSON.parse(line)).filter(({ type }) => type === 'messages');
  expect(exported).toMatchObject([
    { content: { text: 'When?' }, edited: null },
    { content: { text: 'At *nine*' }, edited: { text: 'At eleven' } },
  ]);
});
