import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { FRAME_LIMITS, RATE_LIMITS, SLOT_LIMITS } from '../../../../api/limits/table.ts';

it('says in docs/limits.md what the table says, limit for limit', async () => {
  const text = await readFile(new URL('../../../../docs/limits.md', import.meta.url), 'utf8');
  const rows = text.split('\n').filter((line) => /^\| `[a-zA-Z]+\.[a-zA-Z]+` \| \d/.test(line));
  const rates = Object.entries({ ...RATE_LIMITS, ...FRAME_LIMITS }).map(
    ([name, { points, seconds, of, why }]) => `| \`${name}\` | ${points} in ${seconds} s | ${of} | ${why} |`,
  );
  const slots = Object.entries(SLOT_LIMITS).map(
    ([name, { points, of, why }]) => `| \`${name}\` | ${points} | ${of} | ${why} |`,
  );
  expect(rows).toEqual([...rates, ...slots]);
});
