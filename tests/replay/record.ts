// `npm run replay:record`: records the histories that replay.test.ts replays, from real runs. Run it when a change of the
// workflow is meant to be incompatible; for a new scenario name it (`npm run replay:record -- portal`): the histories that are
// there already prove compatibility.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';
import { conversationWorkflowId } from '../../contracts/workflowId.ts';
import { conversationInput, startEngine, type TestEngine } from '../temporal/startEngine.ts';
import { atRest } from '../workflow/atRest.ts';
import { Recorder, Recorders } from '../workflow/recorder.ts';
import { type Scenario, Stage, scenarios } from './scenarios.ts';

const { History } = proto.temporal.api.history.v1;
type History = proto.temporal.api.history.v1.IHistory;

const LOCAL = ['identity', 'stackTrace'];
const folder = fileURLToPath(new URL('histories/', import.meta.url));
/** Small, so that the scenario that continues as new needs few messages. The others stay below it. */
const CONTINUE_AFTER_EVENTS = 110;

/** Plays the scenario; resolves to the history of each of its runs. */
async function play(engine: TestEngine, recorders: Recorders, scenario: Scenario): Promise<History[]> {
  const input = conversationInput(scenario.settings, scenario.input);
  const recorder = new Recorder();
  scenario.prepare?.(recorder);
  recorders.add(input.conversationId, recorder);
  await scenario.run(new Stage(engine, input, recorder));
  if (recorder.purged === 0) await end(engine.handleOf(input));
  return historiesOf(engine, conversationWorkflowId(input));
}

async function end(handle: WorkflowHandle): Promise<void> {
  await atRest(handle);
  await handle.terminate();
}

async function historiesOf({ client }: TestEngine, workflowId: string): Promise<History[]> {
  const latest = await client.workflow.getHandle(workflowId).fetchHistory();
  const histories = [latest];
  for (let runId = runBefore(latest); runId; ) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    histories.unshift(history);
    runId = runBefore(history);
  }
  return histories;
}

function runBefore({ events }: History): string | null | undefined {
  return events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
}

/** Without what tells of the machine on which it was recorded. */
function toFile(history: History): string {
  const json = History.fromObject(history).toJSON();
  const clean = JSON.stringify(json, (key, value: unknown) => (LOCAL.includes(key) ? 'removed' : value), 1);
  return `${clean}\n`;
}

const named = process.argv.slice(2);
const wanted = Object.entries(scenarios).filter(([name]) => named.length === 0 || named.includes(name));

const recorders = new Recorders();
const engine = await startEngine({
  ...recorders,
  dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': CONTINUE_AFTER_EVENTS },
});
try {
  if (named.length === 0) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, scenario] of wanted) {
    const histories = await play(engine, recorders, scenario);
    for (const [index, history] of histories.entries()) {
      const file = histories.length === 1 ? `${name}.json` : `${name}-${index + 1}.json`;
      await writeFile(`${folder}${file}`, toFile(history));
      process.stdout.write(`${file}: ${history.events?.length} events\n`);
    }
  }
} finally {
  await engine.stop();
}
