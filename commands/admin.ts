// `npm run admin -- <command>`: what only whoever runs the installation may do to people's accounts.
import { parseArgs } from 'node:util';
import { hashPassword } from 'better-auth/crypto';
import { z } from 'zod';
import { InvalidEnvironmentError, readDatabaseEnv } from '../config/env.ts';
import { CodedError } from '../contracts/errors.ts';
import { emailSchema, newPasswordSchema, personNameSchema } from '../contracts/people.ts';
import { createDb, type Db } from '../db/createDb.ts';
import { findPersonByEmail } from '../db/queries/people/findPersonByEmail.ts';
import { insertPlatformAdmin } from '../db/queries/people/insertPlatformAdmin.ts';
import { makePlatformAdmin } from '../db/queries/people/makePlatformAdmin.ts';
import { readSecretLine } from './admin/readSecretLine.ts';

const USAGE = `npm run admin -- create-platform-admin --email <address> [--name <name>]

  Makes an account that runs the whole installation. The password, of at least 12 characters, is asked for, or read from
  stdin: it is never an argument. Whoever has an account already keeps their password and becomes a platform admin.
  Needs DATABASE_URL.`;

/** Something that the operator can mend. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

async function createPlatformAdmin(db: Db, { email, name }: { email: string; name: string }): Promise<string> {
  const person = await findPersonByEmail(db, email);
  if (person?.platformAdmin) return 'This account is a platform admin already.';
  if (person) {
    await makePlatformAdmin(db, person.userId);
    return 'The account that there was is a platform admin now; its password stays.';
  }
  const password = newPasswordSchema.safeParse(await readSecretLine('Password: '));
  if (!password.success) throw new UsageError('The password must have 12 to 128 characters.');
  const inserted = await insertPlatformAdmin(db, { email, name, passwordHash: await hashPassword(password.data) });
  if (!inserted) throw new UsageError('The address got an account in this very moment; run it again.');
  return 'The platform admin can sign in now.';
}

async function run(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { email: { type: 'string' }, name: { type: 'string', default: 'Administrator' } },
  });
  if (positionals.join() !== 'create-platform-admin') throw new UsageError(USAGE);
  const email = emailSchema.safeParse(values.email);
  if (!email.success) throw new UsageError('--email is missing, or is no e-mail address.');
  const name = personNameSchema.safeParse(values.name);
  if (!name.success) throw new UsageError('--name must have 1 to 80 characters.');
  const db = createDb(readDatabaseEnv().DATABASE_URL, { poolSize: 1 });
  try {
    process.stdout.write(`${await createPlatformAdmin(db, { email: email.data, name: name.data })}\n`);
  } finally {
    await db.close();
  }
}

/** What an operator can mend takes a line, not a stack. */
function explain(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  const known =
    error instanceof UsageError ||
    error instanceof InvalidEnvironmentError ||
    error instanceof CodedError ||
    (error instanceof TypeError && 'code' in error);
  if (known) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
