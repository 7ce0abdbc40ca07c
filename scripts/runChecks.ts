import { runCommand } from '../dev/servers/runCommand.ts';

const CHECK_WITHIN_MS = 5 * 60_000;

// Each is a script of package.json that can be run alone: `npm run check:lint`.
const CHECKS = ['types', 'lint', 'format', 'imports', 'dead-code', 'test-only-files'];

/** Numbers of checks that held and that did not. */
export interface CheckCounts {
  passed: number;
  failed: number;
}

/** Runs every quality check, also after one has failed, and reports each on the terminal. */
export async function runChecks(): Promise<CheckCounts> {
  const counts = { passed: 0, failed: 0 };
  for (const name of CHECKS) {
    const startedAt = Date.now();
    try {
      const output = await runCommand('npm', ['run', '--silent', `check:${name}`], {
        timeoutMs: CHECK_WITHIN_MS,
        wholeOutput: true,
      });
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
