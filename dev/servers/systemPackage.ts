import { findOnPath, runCommand } from './runCommand.ts';

/** Debian's packages that Parley may need, each with the programs of which one will do. */
const PROGRAMS = {
  chromium: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  'redis-server': ['redis-server'],
  'openjdk-17-jre-headless': ['java'],
  maven: ['mvn'],
  'python3-pip': ['pip3'],
} as const;

const APT_WITHIN_MS = 10 * 60_000;

/** A Debian package whose program Parley can use. */
type SystemPackage = keyof typeof PROGRAMS;

/** The path of the package's program, or undefined where none is on PATH. */
function findProgram(name: SystemPackage): Promise<string | undefined> {
  return findOnPath(...PROGRAMS[name]);
}

/**
 * The path of the package's program; root on Debian gets it installed. Everyone else gets an error that names what to
 * install. For tests and continuous integration, never for `npm start`, which changes nothing outside the checkout.
 */
export async function ensureSystemPackage(name: SystemPackage): Promise<string> {
  const present = await findProgram(name);
  if (present) return present;
  const advice = `${name} is needed: no ${PROGRAMS[name].join(' or ')} on PATH. On Debian: apt-get install ${name}`;
  if (process.getuid?.() !== 0 || !(await findOnPath('apt-get'))) throw new Error(advice);
  await runCommand('apt-get', ['update', '-qq'], { timeoutMs: APT_WITHIN_MS });
  const install = [
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    'install',
    '-y',
    '-qq',
    '--no-install-recommends',
    name,
  ];
  await runCommand('env', install, { timeoutMs: APT_WITHIN_MS });
  const installed = await findProgram(name);
  if (!installed) throw new Error(advice);
  return installed;
}
