import { buildWidget } from './build.ts';

const { file, bytes, gzipBytes, hash } = await buildWidget({ outDir: 'dist', minify: true });
process.stdout.write(`${file}: ${bytes} bytes, ${gzipBytes} with gzip, v=${hash}\n`);
