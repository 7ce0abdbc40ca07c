import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../.parley/cache', import.meta.url));

/** Where a downloaded program or folder is kept between runs, inside the checkout. */
export function cachePath(name: string): string {
  return join(folder, name);
}

/**
 * Fills a place in the cache. `make` works in a fresh folder and returns the path of what is to be kept, which is then
 * renamed into place: an interrupted or a concurrent run never leaves something half done there.
 */
export async function fillCache(name: string, make: (workFolder: string) => Promise<string>): Promise<string> {
  const target = cachePath(name);
  await mkdir(dirname(target), { recursive: true });
  const workFolder = await mkdtemp(join(folder, `${basename(name)}-`));
  try {
    const made = await make(workFolder);
    await rm(target, { recursive: true, force: true });
    await rename(made, target);
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
  return target;
}
