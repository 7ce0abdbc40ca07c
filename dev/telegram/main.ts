import { parseArgs } from 'node:util';
import type { LimitOption } from './floodLimiter.ts';
import { startTelegramEmulator } from './startTelegramEmulator.ts';

/** parseArgs takes a value that begins with a dash, as group ids do, only when it is joined to its flag. */
function joinNegative(args: string[]): string[] {
  return args.reduce<string[]>((joined, arg) => {
    const last = joined.at(-1);
    if (/^-\d/.test(arg) && last?.startsWith('--')) return [...joined.slice(0, -1), `${last}=${arg}`];
    return [...joined, arg];
  }, []);
}

function readLimits(value: string): LimitOption {
  if (value === 'off' || value === 'real') return value;
  if (Number(value) > 0) return Number(value);
  throw new Error("--limits takes 'off', 'real' or a factor by which budgets refill faster");
}

const { values } = parseArgs({
  args: joinNegative(process.argv.slice(2)),
  options: {
    port: { type: 'string', default: '0' },
    state: { type: 'string' },
    'bot-token': { type: 'string', multiple: true, default: ['5000000001:emulated-bot-token'] },
    'group-id': { type: 'string', default: '-1001000000001' },
    'group-title': { type: 'string', default: 'Support' },
    limits: { type: 'string', default: 'real' },
    /** Wait before a webhook's second repeat, in milliseconds. */
    'webhook-retry': { type: 'string', default: '1000' },
  },
});

const [botToken = '', ...moreBotTokens] = values['bot-token'];
const limits = readLimits(values.limits);

const emulator = await startTelegramEmulator({
  port: Number(values.port),
  limits,
  ...(values.state && { statePath: values.state }),
  webhookTiming: { retryBaseMs: Number(values['webhook-retry']) },
  seed: { botToken, moreBotTokens, groupId: Number(values['group-id']), groupTitle: values['group-title'] },
});
process.stdout.write(`${JSON.stringify({ url: emulator.url, port: emulator.port, pid: process.pid })}\n`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void emulator.stop().then(() => process.exit(0)));
}
