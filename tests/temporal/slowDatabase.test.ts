import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workflowBundle } from '../../worker/workflowBundle.ts';
import { atRest } from '../workflow/atRest.ts';
import { Recorder, Recorders } from '../workflow/recorder.ts';
import { until } from '../workflow/until.ts';
import { conversationInput, startEngine, type TestEngine } from './startEngine.ts';

const recorders = new Recorders();
let engine: TestEngine;

beforeAll(async () => {
  engine = await startEngine(recorders);
});
afterAll(() => engine.stop());

/** A conversation whose topic has to wait 700 ms for its slot when the second message comes, which `recordTurn` meets. */
async function recordSecondTurn(beforeSecond: () => Promise<void>): Promise<void> {
  const input = conversationInput({ aiEnabled: false });
  const recorder = new Recorder();
  recorders.add(input.conversationId, recorder);
  recorder.deliver = () =>
    recorder.deliveries.length === 1
      ? { kind: 'wait', waitMs: 600, priority: 1 }
      : { kind: 'sent', settled: 1, more: false };
  recorder.beforeRecord = () => (recorder.messages.length === 2 ? beforeSecond() : undefined);
  const say = (text: string) =>
    engine.engine.acceptVisitorMessage(input, { clientMessageId: crypto.randomUUID(), text, receivedAt: Date.now() });

  await say('Hi');
  await until(() => recorder.deliveries.length === 1, 'the wait for a slot');
  await atRest(engine.handleOf(input));
  await say('hours');
  await until(() => recorder.messages.length === 4, 'the second turn');
  await until(() => recorder.deliveries.length >= 2, 'its delivery');
  await atRest(engine.handleOf(input));

  const history = await engine.handleOf(input).fetchHistory();
  await Worker.runReplayHistory({ workflowBundle: { codePath: await workflowBundle() } }, history);
  expect(recorder.texts).toEqual(['visitor: Hi', 'bot: Hello!', 'visitor: hours', 'bot: From 9 to 5.']);
}

test('another worker can go on where a slow transaction met the end of a timer', async () => {
  let calls = 0;
  await recordSecondTurn(async () => {
    calls += 1;
    if (calls === 1) await sleep(1_200);
  });
});

test('another worker can go on where an outage of the database met the end of a timer', async () => {
  const back = Date.now() + 1_500;
  await recordSecondTurn(async () => {
    if (Date.now() < back) throw new Error('The database is out of reach');
  });
});
