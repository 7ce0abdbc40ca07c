import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachePath, fillCache } from './cacheFolder.ts';
import { runCommand } from './runCommand.ts';
import { downloadWithSdk } from './sdkDownload.ts';
import { ensureSystemPackage } from './systemPackage.ts';

const CACHE_NAME = 'temporal-test-server';
const VERSION = '1.35.0';
const MAVEN_WITHIN_MS = 5 * 60_000;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>parley</groupId><artifactId>test-server</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${VERSION}</version>
  </dependency></dependencies>
</project>
`;

// Tuned for a short life on few cores: the full compiler and a parallel collector cost more than they bring here.
const RUN_SCRIPT = `#!/bin/sh
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$@"
`;

/** For `TestWorkflowEnvironment.createTimeSkipping({ server: { executable } })`. */
export interface TestServerExecutable {
  type: 'existing-path';
  path: string;
}

/**
 * Finds or fetches Temporal's time-skipping test server: our cache, the SDK's downloader, Maven Central. The cached folder
 * holds one program, `run`. Needs Java 17 and Maven for the last way; root on Debian gets them installed.
 */
export async function resolveTestServer(onProgress: (text: string) => void = () => {}): Promise<TestServerExecutable> {
  const path = cachePath(join(CACHE_NAME, 'run'));
  if (await runs(path)) return { type: 'existing-path', path };
  try {
    onProgress("Getting the time-skipping test server: the Temporal SDK's download …");
    await fillCache(CACHE_NAME, fromSdk);
  } catch {
    onProgress(`Getting the time-skipping test server: io.temporal:temporal-test-server:${VERSION} by Maven …`);
    await ensureSystemPackage('openjdk-17-jre-headless');
    await ensureSystemPackage('maven');
    await fillCache(CACHE_NAME, fromMaven);
  }
  if (!(await runs(path))) throw new Error(`The time-skipping test server was fetched but does not run: ${path}`);
  return { type: 'existing-path', path };
}

async function fromSdk(folder: string): Promise<string> {
  const downloaded = await downloadWithSdk('time-skipping', folder);
  const kept = join(folder, 'kept');
  await mkdir(kept);
  await rename(downloaded, join(kept, 'run'));
  return kept;
}

async function fromMaven(folder: string): Promise<string> {
  const kept = join(folder, 'kept');
  await mkdir(kept);
  await writeFile(join(folder, 'pom.xml'), POM);
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${join(kept, 'lib')}`];
  await runCommand('mvn', ['-q', '-B', ...goal], { cwd: folder, timeoutMs: MAVEN_WITHIN_MS });
  await writeFile(join(kept, 'run'), RUN_SCRIPT, { mode: 0o755 });
  return kept;
}

/** Without a port it prints its usage and ends: enough to see that Java and all that it needs are there. */
async function runs(path: string): Promise<boolean> {
  return runCommand(path, []).then(
    () => true,
    () => false,
  );
}
