import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type ChaosParameters, isClean, runChaos } from './runChaos.ts';

/** `npm run chaos`: see docs/chaos.md. The last line on stdout is the result as one JSON object. */
const { values } = parseArgs({
  options: {
    conversations: { type: 'string', default: '20' },
    messages: { type: 'string', default: '30' },
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
});
const parameters: ChaosParameters = {
  conversations: wholeNumber('conversations'),
  messages: wholeNumber('messages'),
  kills: wholeNumber('kills'),
  seed: wholeNumber('seed'),
};

function wholeNumber(name: keyof typeof values): number {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < 0) throw new Error(`--${name} takes a whole number`);
  return number;
}

const startedAt = Date.now();
const say = (line: string) => process.stdout.write(`${line}\n`);
const result = await runChaos(parameters, say);
const { problems, slowest, ...numbers } = result;
for (const line of [...problems.slice(0, 50), ...slowest]) say(line);
const seconds = Math.round((Date.now() - startedAt) / 1_000);
say(JSON.stringify({ ...numbers, ...parameters, seconds, loadAverage: loadavg()[0] }));
process.exitCode = isClean(result) ? 0 : 1;
