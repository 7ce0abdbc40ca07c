// `npm test`: the quality checks and every test. Both run to their end, whatever fails; the last line counts them together.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type CheckCounts, runChecks } from './runChecks.ts';

const REPORTS = '.parley/reports';
const VITEST_REPORT = `${REPORTS}/vitest.json`;

interface VitestReport {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
}

/** A run that failed without a failed test (a file that does not load, servers that do not start) counts as one failure. */
async function runTests(): Promise<CheckCounts> {
  await rm(VITEST_REPORT, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${VITEST_REPORT}`];
  const vitest = spawn('npx', ['vitest', 'run', ...reporters, ...process.argv.slice(2)], { stdio: 'inherit' });
  const [code] = (await once(vitest, 'exit')) as [number | null];
  const report = await readFile(VITEST_REPORT, 'utf8').then(
    (text) => JSON.parse(text) as VitestReport,
    () => undefined,
  );
  if (!report) return { passed: 0, failed: 1 };
  const failed = Math.max(report.numFailedTests, code === 0 && report.success ? 0 : 1);
  return { passed: report.numPassedTests, failed };
}

await mkdir(REPORTS, { recursive: true });
const checks = await runChecks();
const tests = await runTests();
const failed = checks.failed + tests.failed;
const summary = `${checks.passed + tests.passed} passed, ${failed} failed\n`;
await writeFile(`${REPORTS}/summary.txt`, summary);
process.stdout.write(summary);
process.exitCode = failed > 0 ? 1 : 0;
