import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const CONFIG = fileURLToPath(new URL('./schemathesis.toml', import.meta.url));
const WITHIN_MS = 10 * 60_000;
/** No walk through the edges of the schema, and few examples. */
const BRIEFLY = 'generation.max-examples = 4\nphases.coverage.enabled = false';
const OUTPUT_BYTES = 256 * 1024 * 1024;

/** Who asks, for what, and with which words. */
export interface RunOptions {
  /** Of the API. */
  url: string;
  /** By the names of the OpenAPI document's security schemes; without any, whoever asks is nobody. */
  credentials: Record<string, string>;
  headers: Record<string, string>;
  /** Values by the names that schemathesis.toml knows. */
  dictionaries: Record<string, readonly string[]>;
  /** For the environment: what schemathesis.toml asks for by `${NAME}`. */
  variables: Record<string, string>;
  operations: {
    /** By name, such as `GET /health`: asked in every way that schemathesis knows. */
    thorough: readonly string[];
    /** Asked a few times. */
    brief: readonly string[];
  };
}

/** What came of a run. */
export interface RunReport {
  /** Nothing was found, and it came to its end. */
  clean: boolean;
  /** All that it said, with what to send to see each finding again. */
  output: string;
  /** Requests whose answers were checked. */
  cases: number;
  tested: number;
  /** The statuses that each route answered with, by the route's name. */
  statuses: Map<string, Set<number>>;
}

/** Runs schemathesis (see installSchemathesis) over the OpenAPI document of a running API, with every check that it has. */
export async function runSchemathesis(program: readonly string[], options: RunOptions): Promise<RunReport> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-schemathesis-'));
  try {
    const config = join(folder, 'schemathesis.toml');
    await writeFile(config, `${await readFile(CONFIG, 'utf8')}\n${addedTo(options)}`);
    const files = { json: join(folder, 'report.json'), ndjson: join(folder, 'events.ndjson') };
    const reports = ['--report', 'json,ndjson', '--report-json-path', files.json, '--report-ndjson-path', files.ndjson];
    const { thorough, brief } = options.operations;
    const selection = [...thorough, ...brief].flatMap((name) => ['--include-name', name]);
    const run = ['run', `${options.url}/docs/json`, '--checks', 'all', '--no-color', ...reports, ...selection];
    const variables = Object.entries(options.variables).map(([name, value]) => `${name}=${value}`);
    const { code, output } = await finished('env', [...variables, ...program, '--config-file', config, ...run], folder);
    return {
      ...(await readReport(files.json, output)),
      clean: code === 0,
      output,
      statuses: await statusesIn(files.ndjson),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function addedTo({ credentials, headers, dictionaries, operations }: RunOptions): string {
  const tables = [
    ['[headers]', ...lines(headers)],
    ...Object.entries(credentials).map(([scheme, secret]) => [
      `[auth.openapi.${scheme}]`,
      ...lines({ [scheme === 'personSession' ? 'api_key' : 'bearer']: secret }),
    ]),
    ...Object.entries(dictionaries).map(([name, values]) => [`[dictionaries.${name}]`, ...lines({ values })]),
    ...(operations.brief.length > 0
      ? [['[[operations]]', ...lines({ 'include-name': operations.brief }), BRIEFLY]]
      : []),
  ];
  return tables.map((table) => table.join('\n')).join('\n\n');
}

/** TOML's plain strings are JSON's, and lists of them. */
function lines(values: Record<string, string | readonly string[]>): string[] {
  return Object.entries(values).map(([name, value]) => `${JSON.stringify(name)} = ${JSON.stringify(value)}`);
}

/** Its end, whatever it found. In a folder of its own, as it keeps notes where it runs. */
function finished(command: string, args: string[], cwd: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const options = { cwd, timeout: WITHIN_MS, maxBuffer: OUTPUT_BYTES };
    execFile(command, args, options, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : 1;
      resolve({ code: error ? code : 0, output: `${stdout}${stderr}` });
    });
  });
}

interface JsonReport {
  complete: boolean;
  operations: { tested: number };
  test_cases: { generated: number; without_checks: number; errored: number };
}

async function readReport(file: string, output: string): Promise<Pick<RunReport, 'cases' | 'tested'>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const report = text ? (JSON.parse(text) as JsonReport) : undefined;
  if (!report?.complete) throw new Error(`schemathesis did not come to its end:\n${output}`);
  const { generated, without_checks: unchecked, errored } = report.test_cases;
  return { cases: generated - unchecked - errored, tested: report.operations.tested };
}

interface Scenario {
  recorder: {
    cases: Record<string, { value: { method: string; path: string } }>;
    interactions?: Record<string, { response?: { status_code: number } | null }>;
  };
}

async function statusesIn(file: string): Promise<Map<string, Set<number>>> {
  const statuses = new Map<string, Set<number>>();
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (!line.startsWith('{"ScenarioFinished"')) continue;
    const { recorder } = (JSON.parse(line) as { ScenarioFinished: Scenario }).ScenarioFinished;
    for (const [id, { response }] of Object.entries(recorder.interactions ?? {})) {
      const asked = recorder.cases[id]?.value;
      if (!asked || !response) continue;
      const name = `${asked.method} ${asked.path}`;
      statuses.set(name, (statuses.get(name) ?? new Set()).add(response.status_code));
    }
  }
  return statuses;
}
