import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { cruise, type IConfiguration, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';

const root = fileURLToPath(new URL('..', import.meta.url));
const { options, ...ruleSet } = createRequire(import.meta.url)(
  '../.dependency-cruiser.cjs',
) as Required<IConfiguration>;

// What the workflow sandbox refuses, at whatever distance. Types are gone when workflows run, so type imports do not count.
const sandboxRules: IConfiguration = {
  forbidden: [
    {
      name: 'workflows-reach-no-node-builtin',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        path: '^(node:|assert$|buffer$|crypto$|events$|fs|http|net$|os$|path$|stream|url$|util$)',
        reachable: true,
      },
    },
    {
      name: 'workflows-reach-no-zod',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: 'node_modules/zod/', reachable: true },
    },
  ],
};

async function sourceFolders(): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const hidden = ['node_modules', 'dist', 'coverage'];
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !hidden.includes(entry.name))
    .map((entry) => entry.name);
}

async function sourceFiles(folders: string[]): Promise<string[]> {
  const lists = folders.map(async (folder) => {
    const paths = await readdir(`${root}${folder}`, { recursive: true });
    return paths.filter((path) => /\.tsx?$/.test(path)).map((path) => `${folder}/${path}`);
  });
  return (await Promise.all(lists)).flat();
}

async function run(folders: string[], cruiseOptions: ICruiseOptions): Promise<ICruiseResult> {
  const { output } = await cruise(folders, { baseDir: root, ...options, ...cruiseOptions, validate: true });
  if (typeof output === 'string') throw new Error(output);
  return output;
}

const folders = await sourceFolders();
const directions = await run(folders, { ruleSet });
const sandbox = await run(['workflows'], { ruleSet: sandboxRules, tsPreCompilationDeps: false });
const problems = [...directions.summary.violations, ...sandbox.summary.violations].map(
  ({ rule, from, to }) => `${rule.name}: ${from} → ${to}`,
);

// With a compiler that it does not know, dependency-cruiser reports success over nothing: hold it to every file there is.
const seen = new Set(directions.modules.map(({ source }) => source));
const files = await sourceFiles(folders);
problems.push(...files.filter((file) => !seen.has(file)).map((file) => `not looked at: ${file}`));
const edges = directions.modules.reduce((sum, { dependencies }) => sum + dependencies.length, 0);
if (edges < files.length) problems.push(`only ${edges} imports were found in ${files.length} files`);

process.stdout.write(
  `${[...problems, `${files.length} files, ${edges} imports, ${problems.length} problems`].join('\n')}\n`,
);
process.exitCode = problems.length > 0 ? 1 : 0;
