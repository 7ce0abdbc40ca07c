import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const secretsSchema = z.object({
  masterKey: z.string(),
  jwtSecret: z.string(),
  serviceToken: z.string(),
  /** Of the emulated bot. */
  botToken: z.string(),
});
export type LocalSecrets = z.infer<typeof secretsSchema>;

/** This installation's secrets, made at its first start: what one start seals, the next can open. Mode 0600. */
export async function localSecrets(folder: string): Promise<LocalSecrets> {
  const file = path.join(folder, 'secrets.json');
  const stored = await readFile(file, 'utf8').catch(() => undefined);
  if (stored !== undefined) return secretsSchema.parse(JSON.parse(stored));
  const secrets: LocalSecrets = {
    masterKey: randomBytes(32).toString('base64'),
    jwtSecret: randomBytes(32).toString('base64url'),
    serviceToken: randomBytes(32).toString('base64url'),
    botToken: `7000000000:${randomBytes(26).toString('base64url').slice(0, 35)}`,
  };
  await mkdir(folder, { recursive: true });
  await writeFile(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
}
