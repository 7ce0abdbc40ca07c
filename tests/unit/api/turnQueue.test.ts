import { setImmediate as nextRound } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { TurnQueue } from '../../../api/plugins/queueUpgrades.ts';

it('grants one turn in each round of the event loop, first come, first served', async () => {
  const queue = new TurnQueue();
  const granted: number[] = [];
  const turns = [1, 2, 3, 4].map((number) => queue.turn().then(() => granted.push(number)));
  const seen: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    await nextRound();
    seen.push(granted.length);
  }
  await Promise.all(turns);
  expect(granted).toEqual([1, 2, 3, 4]);
  expect(seen).toEqual([1, 2, 3, 4]);
  await queue.turn();
});
