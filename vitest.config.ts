import { defineConfig } from 'vitest/config';

const servers = './tests/setup/servers.ts';
const timeSkipping = './tests/setup/timeSkipping.ts';

// Folders with needs of their own; whatever else lies under tests/ belongs to the project `integration`.
const own = ['unit', 'replay', 'workflow', 'api', 'e2e', 'dev'];

function project(name: string, options: { globalSetup?: string[]; seconds: number; include?: string[] }) {
  const { globalSetup, seconds, include = [`tests/${name}/**/*.test.ts`] } = options;
  return {
    extends: true as const,
    test: { name, include, globalSetup, testTimeout: seconds * 1_000, hookTimeout: seconds * 2_000 },
  };
}

const integration = project('integration', { globalSetup: [servers], seconds: 30, include: ['tests/**/*.test.ts'] });
const e2e = project('e2e', { globalSetup: [servers], seconds: 60 });

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      project('unit', { seconds: 30 }),
      project('replay', { seconds: 30 }),
      project('workflow', { globalSetup: [timeSkipping, servers], seconds: 60 }),
      project('api', { globalSetup: [servers], seconds: 30 }),
      { ...integration, test: { ...integration.test, exclude: own.map((name) => `tests/${name}/**`) } },
      project('dev', { seconds: 60 }),
      // Browsers after everything else and one at a time: what they wait for is what a person would wait for.
      { ...e2e, test: { ...e2e.test, fileParallelism: false, sequence: { groupOrder: 1 } } },
    ],
  },
});
