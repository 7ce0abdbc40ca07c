import { findOnPath, runCommand } from './runCommand.ts';

const ACCOUNT = 'postgres';

/** How a program of Postgres is to be started: `command` with `prefix` before its own arguments. */
interface Launch {
  command: string;
  args: string[];
}

/** Turns a program and its arguments into what is to be spawned. */
export type Launcher = (program: string, args: string[]) => Launch;

/**
 * Postgres refuses to run as root. For root this returns a launcher that switches to the system account `postgres`
 * (made when missing) and hands it the folders named; for everyone else one that changes nothing.
 */
export async function postgresLauncher(folders: { owned: string; readable: string[] }): Promise<Launcher> {
  if (process.getuid?.() !== 0) return (command, args) => ({ command, args });
  if (!(await findOnPath('setpriv'))) {
    throw new Error('Postgres cannot run as root and setpriv (package util-linux) is missing: run as another user.');
  }
  if (!(await runCommand('id', ['-u', ACCOUNT]).catch(() => ''))) {
    await runCommand('useradd', ['--system', '--user-group', '--no-create-home', ACCOUNT]);
  }
  await runCommand('chown', ['-R', `${ACCOUNT}:`, folders.owned]);
  const plain = switchAccount([]);
  const paths = [folders.owned, ...folders.readable];
  if (await reaches(plain, paths)) return plain;
  // The checkout lies under a folder that is root's alone (a 0700 home): let this one process pass through it, instead of
  // opening the folder to everyone or keeping data outside the checkout.
  // The secure bit makes access(2), which initdb asks, heed the capability too.
  const capability = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  const passing = switchAccount(['--securebits=+no_setuid_fixup', ...capability]);
  if (await reaches(passing, paths)) return passing;
  throw new Error(`The account ${ACCOUNT} cannot reach ${paths.join(', ')}: move the checkout or set DATABASE_URL.`);
}

function switchAccount(capabilities: string[]): Launcher {
  const prefix = [`--reuid=${ACCOUNT}`, `--regid=${ACCOUNT}`, '--clear-groups', ...capabilities];
  return (program, args) => ({ command: 'setpriv', args: [...prefix, program, ...args] });
}

async function reaches(launcher: Launcher, paths: string[]): Promise<boolean> {
  const { command, args } = launcher('sh', ['-c', 'for path; do test -x "$path" || exit 1; done', 'sh', ...paths]);
  return runCommand(command, args, { cwd: '/' }).then(
    () => true,
    () => false,
  );
}
