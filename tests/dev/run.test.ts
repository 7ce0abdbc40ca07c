import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKOUT, Program } from '../support/program.ts';

const MADE = path.join(CHECKOUT, 'node_modules', '.cache', 'parley', 'programs');

let folder: string;

beforeAll(async () => {
  await mkdir(path.join(CHECKOUT, '.parley'), { recursive: true });
  folder = await mkdtemp(path.join(CHECKOUT, '.parley', 'run-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  for (const name of await readdir(MADE)) if (name.includes(path.basename(folder))) await rm(path.join(MADE, name));
});

/** Runs `main.ts` in the folder of this test; resolves to what it wrote. */
async function run(args: string[] = []): Promise<string> {
  const program = Program.node(path.join(path.relative(CHECKOUT, folder), 'main.ts'), {}, args);
  const { code } = await program.ended;
  return `${program.output}exit ${code}`;
}

async function write(name: string, source: string): Promise<void> {
  await writeFile(path.join(folder, name), source);
}

describe('a program that is started', () => {
  it('is what its sources are now, however often they change', async () => {
    await write('main.ts', `import { word } from './word.ts';\nconsole.log(word satisfies string);\n`);
    await write('word.ts', `export const word: string = 'first';\n`);
    expect(await run()).toBe('first\nexit 0');
    await write('word.ts', `export { word } from './other.ts';\n`);
    await write('other.ts', `export const word: string = 'second';\n`);
    expect(await run()).toBe('second\nexit 0');
    await write('other.ts', `export const word: string = 'third';\n`);
    expect(await run()).toBe('third\nexit 0');
    expect(await run()).toBe('third\nexit 0');
  });

  it('gets its arguments, and finds files beside its sources', async () => {
    await write('beside.txt', '');
    await write(
      'main.ts',
      `import { existsSync } from 'node:fs';
      const beside = [new URL('beside.txt', import.meta.url), import.meta.dirname + '/beside.txt'].map((file) => existsSync(file));
      console.log(JSON.stringify([process.argv.slice(2), beside]));\n`,
    );
    expect(await run(['--build', 'a b'])).toBe('[["--build","a b"],[true,true]]\nexit 0');
  });

  it('names the lines of its sources where it fails', async () => {
    await write('main.ts', `import { fail } from './fail.ts';\nfail();\n`);
    await write(
      'fail.ts',
      `// A line.\ninterface Unused {\n  word: string;\n}\nexport function fail() {\n  throw new Error('as told');\n}\n`,
    );
    const output = await run();
    expect(output).toContain(`${path.join(folder, 'fail.ts')}:6:`);
    expect(output).toMatch(/exit 1$/);
  });

  it('says what does not compile', async () => {
    await write('main.ts', `import './gone.ts';\n`);
    const output = await run();
    expect(output).toContain('Could not resolve "./gone.ts"');
    expect(output).toMatch(/exit 1$/);
  });
});
