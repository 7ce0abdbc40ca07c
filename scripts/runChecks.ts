import { runCommand } from '../dev/servers/runCommand.ts';

const CHECK_WITHIN_MS = 5 * 60_000;

// Each is one command that a developer can run alone with npx.
const checks = [
  { name: 'types', command: 'npx', args: ['tsc', '-p', '.'] },
  { name: 'lint', command: 'npx', args: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'format', command: 'npx', args: ['biome', 'check', '--error-on-warnings', '.'] },
  { name: 'import directions', command: process.execPath, args: ['--import', 'tsx', 'scripts/checkImports.ts'] },
  { name: 'dead code', command: 'npx', args: ['knip'] },
  { name: 'files that only tests use', command: 'npx', args: ['knip', '--production', '--include', 'files'] },
];

/** Numbers of checks that held and that did not. */
export interface CheckCounts {
  passed: number;
  failed: number;
}

/** Runs every quality check, also after one has failed, and reports each on the terminal. */
export async function runChecks(): Promise<CheckCounts> {
  const counts = { passed: 0, failed: 0 };
  for (const { name, command, args } of checks) {
    const startedAt = Date.now();
    try {
      const output = await runCommand(command, args, { timeoutMs: CHECK_WITHIN_MS, wholeOutput: true });
      counts.passed += 1;
      process.stdout.write(`✓ ${name} (${seconds(startedAt)}) ${output.trim().split('\n').at(-1) ?? ''}\n`);
    } catch (error) {
      counts.failed += 1;
      process.stdout.write(
        `✗ ${name} (${seconds(startedAt)})\n${error instanceof Error ? error.message : String(error)}\n`,
      );
    }
  }
  return counts;
}

function seconds(startedAt: number): string {
  return `${((Date.now() - startedAt) / 1_000).toFixed(1)} s`;
}
