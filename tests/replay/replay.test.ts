import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import proto from '@temporalio/proto';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, test } from 'vitest';
import { workflowBundle } from '../../worker/workflowBundle.ts';

// A history that does not fit is logged as an error by the SDK; the test says so itself.
Runtime.install({ logger: new DefaultLogger('ERROR', () => {}) });

const { History } = proto.temporal.api.history.v1;
const folder = fileURLToPath(new URL('histories/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

let codePath: string;
beforeAll(async () => {
  codePath = await workflowBundle();
});

function replay(history: string): Promise<void> {
  return Worker.runReplayHistory({ workflowBundle: { codePath } }, History.fromObject(JSON.parse(history)));
}

const read = (file: string) => readFileSync(`${folder}${file}`, 'utf8');

describe('the workflow as it is goes on with what it recorded before', () => {
  test.each(files)('%s', async (file) => {
    await replay(read(file));
  });

  test('there are histories of every kind', () => {
    expect(files).toEqual(
      expect.arrayContaining(['handOver.json', 'aiAnswers.json', 'quietToItsPurge.json', 'troubledDelivery.json']),
    );
    expect(files.filter((name) => name.startsWith('continued-')).length).toBeGreaterThanOrEqual(2);
    expect(files.filter((name) => name.startsWith('portal-'))).toHaveLength(2);
  });
});

test('a history that the workflow would not have made is refused', async () => {
  const other = read('handOver.json').replaceAll('deliverToTopic', 'deliverElsewhere');
  await expect(replay(other)).rejects.toThrow(DeterminismViolationError);
});
