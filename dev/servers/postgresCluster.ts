import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { type Launcher, postgresLauncher } from './postgresAccount.ts';
import { findOnPath, runCommand } from './runCommand.ts';

const DATABASE = 'parley';
const PASSWORDS_FILE = 'parley-passwords.json';

interface Passwords {
  postgres: string;
  parley_owner: string;
  parley_app: string;
}

/** A data directory that is ready to be served. */
export interface Cluster {
  launcher: Launcher;
  /** Connection string of a role for a server on this port; `postgres` is the superuser. */
  url(role: keyof Passwords, port: number, database?: string): string;
}

/**
 * Opens the data directory, made by initdb when it is not there yet. It is made under another name and renamed at the end,
 * so that an interrupted initdb leaves nothing half done. The roles' random passwords are kept in it.
 */
export async function openCluster(dataDir: string, native: string): Promise<Cluster> {
  if (!existsSync(join(dataDir, 'PG_VERSION'))) await initialise(dataDir, native);
  const launcher = await postgresLauncher({ owned: dataDir, readable: [join(native, 'bin', 'postgres')] });
  const passwords = JSON.parse(await readFile(join(dataDir, PASSWORDS_FILE), 'utf8')) as Passwords;
  await removeStaleLock(dataDir);
  return {
    launcher,
    url: (role, port, database = DATABASE) => `postgres://${role}:${passwords[role]}@127.0.0.1:${port}/${database}`,
  };
}

async function initialise(dataDir: string, native: string): Promise<void> {
  const fresh = `${dataDir}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(join(fresh, 'data'), { recursive: true });
  const password = () => randomBytes(24).toString('hex');
  const passwords: Passwords = { postgres: password(), parley_owner: password(), parley_app: password() };
  await writeFile(join(fresh, 'password'), passwords.postgres, { mode: 0o600 });
  const launcher = await postgresLauncher({ owned: fresh, readable: [join(native, 'bin', 'initdb')] });
  // The built-in provider makes sorting the same on every machine, whatever locales are installed.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const login = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${join(fresh, 'password')}`];
  const { command, args } = launcher(join(native, 'bin', 'initdb'), [
    `--pgdata=${join(fresh, 'data')}`,
    '--no-sync',
    ...locale,
    ...login,
  ]);
  await runCommand(command, args, { cwd: '/', timeoutMs: 120_000 });
  await writeFile(join(fresh, 'data', PASSWORDS_FILE), JSON.stringify(passwords), { mode: 0o600 });
  await mkdir(dirname(dataDir), { recursive: true });
  await rename(join(fresh, 'data'), dataDir);
  await rm(fresh, { recursive: true });
}

/**
 * After a kill -9 the lock file names a pid that some other program may have by now; Postgres would then refuse to start.
 * A lock that a living Postgres holds is left alone.
 */
async function removeStaleLock(dataDir: string): Promise<void> {
  const lock = join(dataDir, 'postmaster.pid');
  const pid = (await readFile(lock, 'utf8').catch(() => '')).split('\n')[0];
  if (!pid || !(await findOnPath('ps'))) return;
  const program = await runCommand('ps', ['-o', 'comm=', '-p', pid]).catch(() => '');
  if (program.trim() !== 'postgres') await rm(lock, { force: true });
}

/**
 * Makes the database and its two roles where they are missing: the owner, who migrates, and the application's role, which
 * row level security binds. Neither is a superuser.
 */
export async function ensureDatabase(cluster: Cluster, port: number): Promise<void> {
  const client = new Client({ connectionString: cluster.url('postgres', port, 'postgres') });
  await client.connect();
  try {
    for (const role of ['parley_owner', 'parley_app'] as const) {
      const known = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
      const password = client.escapeLiteral(new URL(cluster.url(role, port)).password);
      // The owner may create databases, so that tests can have one of their own.
      const extra = role === 'parley_owner' ? 'CREATEDB' : 'NOCREATEDB';
      const rights = `LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE ${extra} PASSWORD ${password}`;
      await client.query(`${known.rowCount ? 'ALTER' : 'CREATE'} ROLE ${role} ${rights}`);
    }
    const known = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (!known.rowCount) await client.query(`CREATE DATABASE ${DATABASE} OWNER parley_owner`);
  } finally {
    await client.end();
  }
}
