import type { TestProject } from 'vitest/node';
import { resolveTestServer, type TestServerExecutable } from '../../dev/servers/resolveTestServer.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** For `TestWorkflowEnvironment.createTimeSkipping({ server: { executable: inject('testServer') } })`. */
    testServer: TestServerExecutable;
  }
}

/** Has the time-skipping test server at hand before the first workflow test needs it. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('testServer', await resolveTestServer((text) => process.stdout.write(`${text}\n`)));
}
