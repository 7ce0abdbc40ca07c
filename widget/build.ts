import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Plugin, transform } from 'esbuild';

/** iOS 14 and Android 8 with a current browser (mission W6). */
const TARGETS = ['es2020', 'safari14'];

export interface WidgetBuild {
  file: string;
  bytes: number;
  gzipBytes: number;
  /** First 12 hexadecimal digits of the content's SHA-256: the `v` of `/widget.js?v=`. */
  hash: string;
}

/** Bundles the embed script to `<outDir>/widget.js`: one classic script without any import. */
export async function buildWidget({ outDir, minify }: { outDir: string; minify: boolean }): Promise<WidgetBuild> {
  const file = join(outDir, 'widget.js');
  await build({
    entryPoints: [fileURLToPath(new URL('./embed.ts', import.meta.url))],
    outfile: file,
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: TARGETS,
    // Safari 14.0 has it, with a bug in a corner (esbuild counts that as missing, and cannot lower it) that we do not touch.
    supported: { destructuring: true },
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    minify,
    plugins: [styleText(minify)],
  });
  const content = await readFile(file);
  return {
    file,
    bytes: content.byteLength,
    gzipBytes: gzipSync(content, { level: 9 }).byteLength,
    hash: createHash('sha256').update(content).digest('hex').slice(0, 12),
  };
}

/** esbuild's own `text` loader would leave the style sheet as it was written. */
function styleText(minify: boolean): Plugin {
  return {
    name: 'style-text',
    setup({ onLoad }) {
      onLoad({ filter: /\.css$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        const { code } = await transform(source, { loader: 'css', minify, target: TARGETS });
        return { contents: code, loader: 'text' };
      });
    },
  };
}
