import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConversationInput } from '../../contracts/conversation.ts';
import { createConversationRuns } from '../../temporal/conversationRuns.ts';
import { ensureSchedules, RETENTION_SCHEDULE } from '../../temporal/ensureSchedules.ts';
import { until } from '../workflow/until.ts';
import { conversationInput, startEngine, type TestEngine } from './startEngine.ts';

/** The server answers at once and deletes later, in a queue of its own. */
const DELETED_WITHIN_MS = 60_000;

let engine: TestEngine;
let recorded = 0;

beforeAll(async () => {
  engine = await startEngine({
    activities: {
      async recordTurn() {
        recorded += 1;
        return { lastSeq: recorded };
      },
      deliverToTopic: async () => ({ kind: 'no_channel' }),
      changeLedger: async () => undefined,
      publishFrames: async () => {},
      emptyConversation: async () => {},
      purgeConversation: async () => {},
    },
    ai: { answerWithAi: async () => ({ kind: 'unknown' }) },
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': 60 },
  });
});
afterAll(() => engine?.stop());

const say = (input: ConversationInput, text: string) =>
  engine.engine.acceptVisitorMessage(input, { clientMessageId: randomUUID(), text, receivedAt: Date.now() });

/** A conversation that is purged a second after it was closed. */
async function purged(): Promise<ConversationInput> {
  const input = conversationInput({ idleReminderSeconds: null, idleCloseSeconds: 1, retentionSeconds: 1 });
  await say(input, 'Hi');
  await engine.handleOf(input).result();
  return input;
}

test(
  'finds conversations that ended, and deletes every run of one until the server knows none',
  async () => {
    const runs = createConversationRuns(engine.client);
    const [gone, other] = await Promise.all([purged(), purged()]);
    const open = conversationInput();
    await say(open, 'Hi');
    const idsOfEnded = async (before: Date) =>
      (await runs.listEnded(before, 100)).map(({ conversationId }) => conversationId);
    const later = new Date(Date.now() + 60_000);
    await until(async () => (await idsOfEnded(later)).length === 2, 'both in the list');
    expect(new Set(await idsOfEnded(later))).toEqual(new Set([gone.conversationId, other.conversationId]));
    expect(await idsOfEnded(new Date(Date.now() - 60_000))).toEqual([]);

    const [runId = ''] = await runs.listRuns(gone);
    for (let times = 0; times < 2; times += 1) {
      await runs.deleteRun(gone, runId);
      await until(async () => !(await runs.isKept(gone, runId)), 'the run to be gone', DELETED_WITHIN_MS);
    }
    expect(await runs.listRuns(gone)).toEqual([]);
    expect(await runs.listRuns(other)).toHaveLength(1);
    expect(await runs.isOpen(open)).toBe(true);
  },
  2 * DELETED_WITHIN_MS,
);

test('a conversation that is asked to end ends without a word, in all of its runs, and knows no one any more', async () => {
  const runs = createConversationRuns(engine.client);
  const input = conversationInput({ idleReminderSeconds: null });
  // More signals than the server suggests events for one run.
  for (let n = 0; n < 60; n += 1) await say(input, 'hours');
  await until(async () => (await runs.listRuns(input)).length > 1, 'a second run');
  await until(async () => (await engine.engine.status(input)).waitingFor === 'the visitor', 'the conversation at rest');
  const before = recorded;
  await runs.requestEnd(input);
  await until(async () => !(await runs.isOpen(input)), 'its end');
  expect(recorded).toBe(before);
  await expect(say(input, 'Still there?')).rejects.toMatchObject({ code: 'conversation_not_found' });

  // Nor does a conversation mind that it never was one.
  const never = conversationInput();
  await runs.requestEnd(never);
  await runs.terminate(never);
  expect([await runs.isOpen(never), await runs.listRuns(never)]).toEqual([false, []]);
});

test('the sweep has one schedule, however many workers start, and stays paused when an operator paused it', async () => {
  await Promise.all([ensureSchedules(engine.client), ensureSchedules(engine.client)]);
  const schedule = engine.client.schedule.getHandle(RETENTION_SCHEDULE);
  await schedule.pause('maintenance');
  await ensureSchedules(engine.client);
  const { action, state } = await schedule.describe();
  expect(action).toMatchObject({ type: 'startWorkflow', workflowType: 'retentionSweep' });
  expect(state).toMatchObject({ paused: true, note: 'maintenance' });
});
