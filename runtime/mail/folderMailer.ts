import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Mailer } from './mailer.ts';

/** For development: each mail is a text file in the folder, named by its time, for its owner alone to read. */
export function createFolderMailer(folder: string): Mailer {
  return {
    async send({ to, subject, text }) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const name = `${new Date().toISOString().replaceAll(':', '-')}-${process.hrtime.bigint()}.txt`;
      const content = `To: ${to}\nSubject: ${subject}\n\n${text}\n`;
      await writeFile(path.join(folder, name), content, { mode: 0o600 });
    },
  };
}
