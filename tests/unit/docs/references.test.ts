import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
const documents = [
  'README.md',
  ...(await readdir(join(ROOT, 'docs'), { recursive: true })).map((name) => `docs/${name}`),
];

/** A star stands for the rest of a file's name. */
async function exists(pattern: string): Promise<boolean> {
  const folder = join(ROOT, dirname(pattern));
  const [before = '', after] = basename(pattern).split('*');
  const names = await readdir(folder).catch(() => []);
  return names.some((name) =>
    after === undefined ? name === before : name.startsWith(before) && name.endsWith(after),
  );
}

/** As the places where the documents are read make them of a heading. */
function anchorOf(heading: string): string {
  const words = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '');
  return `#${words.trim().replaceAll(' ', '-')}`;
}

async function anchorsIn(file: string): Promise<string[]> {
  const text = await readFile(join(ROOT, file), 'utf8');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

describe.each(documents.filter((name) => name.endsWith('.md')))('%s', (name) => {
  it('names tests, scripts and pages that there are', async () => {
    const text = await readFile(join(ROOT, name), 'utf8');
    const missing: string[] = [];
    for (const [path] of text.matchAll(/\btests\/[\w./*-]*[\w/*]/g)) if (!(await exists(path))) missing.push(path);
    for (const [, script = ''] of text.matchAll(/npm run ([\w:-]+)/g)) if (!(script in scripts)) missing.push(script);
    for (const [, link = ''] of text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [path = '', anchor] = link.split(/(?=#)/);
      const file = path.startsWith('#') ? name : join(dirname(name), path);
      const heading = path.startsWith('#') ? path : anchor;
      if (!(await exists(file))) missing.push(link);
      else if (heading && !(await anchorsIn(file)).includes(heading)) missing.push(link);
    }
    expect(missing).toEqual([]);
  });
});
