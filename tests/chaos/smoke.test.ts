import { expect, it } from 'vitest';
import { isClean, runChaos } from './runChaos.ts';

/** Longer than a run may take on a busy machine, its own wait for rest included. */
const WITHIN_MS = 10 * 60_000;

it(
  'loses, doubles and misplaces nothing while parts of Parley are killed',
  async () => {
    const told: string[] = [];
    const result = await runChaos({ conversations: 4, messages: 6, kills: 3, seed: 3 }, (line) => told.push(line));
    const all = { sent: 24, acked: 24, recorded: 24, toTelegram: 24 };
    expect({ ...result, told: isClean(result) ? [] : told }).toMatchObject({ problems: [], ...all, told: [] });
  },
  WITHIN_MS,
);
