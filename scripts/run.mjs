// `node scripts/run.mjs <program.ts> [arguments]`: starts a program of this checkout from one JavaScript file that is made of its
// sources once and kept until one of them changes. Plain JavaScript, because it is what starts without a loader: compiling module by
// module takes most of a processor second at each start, which a program that is started again after a crash does not have.
// With `--build` before the programs it only makes their files, for an image.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cacheDir = path.join(root, 'node_modules', '.cache', 'parley', 'programs');

/** The program's file, made anew where a source has changed. `program`: path in the checkout. Resolves to an absolute path. */
async function build(program) {
  const name = path.join(cacheDir, program.replaceAll(/[\\/]/g, '-').replace(/\.ts$/, ''));
  const [script, madeOf] = [`${name}.mjs`, `${name}.json`];
  const kept = await readFile(madeOf, 'utf8').then(JSON.parse, () => undefined);
  if (kept && kept.hash === (await hashOf(kept.sources))) return script;

  const esbuild = await import('esbuild');
  const { metafile, outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [program],
    outfile: script,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    write: false,
    define: { 'import.meta.url': 'urlOfThisSource', 'import.meta.dirname': 'folderOfThisSource' },
    plugins: [{ name: 'places of sources', setup: keepPlaces }],
  });
  const sources = ['scripts/run.mjs', ...Object.keys(metafile.inputs)].sort();
  await mkdir(cacheDir, { recursive: true });
  for (const { path: file, contents } of outputFiles) await replace(file, contents);
  // Last: whoever reads it finds what it speaks of.
  await replace(madeOf, JSON.stringify({ hash: await hashOf(sources), sources }));
  return script;
}

/** A module that names files by its own place finds them where its source is. */
function keepPlaces({ onLoad }) {
  onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
    const source = await readFile(file, 'utf8');
    if (!source.includes('import.meta.')) return { loader: 'ts', contents: source };
    const [url, folder] = [pathToFileURL(file).href, path.dirname(file)].map((place) => JSON.stringify(place));
    // On the first line, so that the lines of the sources stay what they are.
    return { loader: 'ts', contents: `const urlOfThisSource = ${url}, folderOfThisSource = ${folder}; ${source}` };
  });
}

/** Of the sources' names and contents; undefined when one is gone. */
async function hashOf(sources) {
  const contents = await Promise.all(sources.map((name) => readFile(path.join(root, name)))).catch(() => undefined);
  if (!contents) return undefined;
  const hash = createHash('sha256');
  for (const [index, content] of contents.entries()) hash.update(sources[index]).update(content);
  return hash.digest('hex');
}

/** Renamed into place: a program that starts at the same time never reads half a file. */
async function replace(file, contents) {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, contents);
  await rename(draft, file);
}

const [first, ...rest] = process.argv.slice(2);
if (first === '--build') {
  for (const program of rest) await build(program);
} else {
  const script = await build(first);
  process.setSourceMapsEnabled(true);
  // The program finds its own name and arguments where it would without this one.
  process.argv.splice(1, 2, path.join(root, first));
  await import(pathToFileURL(script).href);
}
