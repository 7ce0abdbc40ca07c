// `npm run keys -- <command>`: rotation of master keys and of tenants' data keys. Every command may be interrupted and run again,
// by two operators at once, and while API and workers run.
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { InvalidEnvironmentError, readKeyEnv } from '../config/env.ts';
import { CodedError } from '../contracts/errors.ts';
import { createDb } from '../db/createDb.ts';
import { openKeyProvider } from '../runtime/openKeyProvider.ts';
import { openKeys } from '../runtime/openKeys.ts';
import { createEngineClient } from '../temporal/connect.ts';
import type { KeyTools } from './keys/keyTools.ts';
import { reportKeys } from './keys/reportKeys.ts';
import { resealAll } from './keys/resealTenant.ts';
import { retireDataKeys } from './keys/retireDataKeys.ts';
import { rotateDataKeys } from './keys/rotateDataKeys.ts';
import { rotateMasterKey } from './keys/rotateMasterKey.ts';

const USAGE = `npm run keys -- <command> [--tenant <id>]

  status          what is under which key
  rotate-master   wrap every data key under the current master key
  rotate-data     a new data key for every tenant, and all that is sealed in the database under it
                  [--older-than-minutes 60] leaves younger keys alone, [--settle-seconds 30] waits before it reseals
  reseal          only the second half of rotate-data: bring everything under the newest data keys
  retire          forget data keys that neither database nor histories use
                  [--settle-seconds 3600] after a rotation, the version before counts as used`;

const seconds = z.coerce
  .number()
  .min(0)
  .max(7 * 86_400);
const optionsSchema = z.object({
  tenant: z.uuid().optional(),
  'older-than-minutes': z.coerce.number().min(0).default(60),
  'settle-seconds': seconds.optional(),
});

type Options = z.infer<typeof optionsSchema>;

/** The exit code: 1 when something is left that needs a person. */
async function run(command: string | undefined, options: Options): Promise<number> {
  const env = readKeyEnv();
  const db = createDb(env.DATABASE_URL, { poolSize: 2 });
  const tools: KeyTools = {
    db,
    provider: openKeyProvider(env),
    openKeys: () => openKeys(env, db),
    say: (line) => process.stdout.write(`${line}\n`),
  };
  const { tenant: only, 'older-than-minutes': olderThan, 'settle-seconds': settle } = options;
  try {
    switch (command) {
      case 'status':
        await reportKeys(tools, only);
        return 0;
      case 'rotate-master':
        await rotateMasterKey(tools, only);
        return 0;
      case 'rotate-data': {
        const times = { olderThanMs: olderThan * 60_000, settleMs: (settle ?? 30) * 1_000 };
        return (await rotateDataKeys(tools, { only, ...times })).unreadable > 0 ? 1 : 0;
      }
      case 'reseal':
        return (await resealAll(tools, only)).unreadable > 0 ? 1 : 0;
      case 'retire': {
        const address = { address: env.TEMPORAL_ADDRESS, namespace: env.TEMPORAL_NAMESPACE };
        const temporal = createEngineClient(address, tools.openKeys().codec);
        await retireDataKeys(tools, { only, settleMs: (settle ?? 3_600) * 1_000, temporal });
        await temporal.connection.close();
        return 0;
      }
      default:
        process.stderr.write(`${USAGE}\n`);
        return 2;
    }
  } finally {
    await db.close();
  }
}

/** What an operator can mend takes a line, not a stack. */
function explain(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  if (error instanceof InvalidEnvironmentError || error instanceof CodedError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      tenant: { type: 'string' },
      'older-than-minutes': { type: 'string' },
      'settle-seconds': { type: 'string' },
    },
  });
  process.exitCode = await run(positionals[0], optionsSchema.parse(values));
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}
