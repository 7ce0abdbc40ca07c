import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readKeyEnv } from '../../../config/env.ts';
import { createMasterKeyProvider } from '../../../encryption/masterKeyProvider.ts';
import { openKeyProvider } from '../../../runtime/openKeyProvider.ts';
import { FakeVault } from '../../support/fakeVault.ts';

const dataKey = randomBytes(32);
const [old, next] = [randomBytes(32), randomBytes(32)];
const base64 = (key: Buffer) => key.toString('base64');
const vault = new FakeVault();
let address: string;

beforeAll(async () => {
  address = await vault.start();
});
afterAll(() => vault.stop());

test('a master key has the same name in every process, and another one another', async () => {
  const names = [old, old, next].map((key) => createMasterKeyProvider(key).currentKeyId());
  const [one, same, other] = await Promise.all(names);
  expect(one).toMatch(/^local:[0-9a-f]{16}$/);
  expect(same).toBe(one);
  expect(other).not.toBe(one);
  expect(one).not.toContain(old.toString('hex').slice(0, 16));
});

test('previous master keys open what they wrapped, with a name or from before names', async () => {
  const wrapped = await createMasterKeyProvider(old).wrap(dataKey, 'tenant');
  const both = openKeyProvider({ MASTER_KEY: base64(next), MASTER_KEY_PREVIOUS: [base64(old)] });
  expect(await both.unwrap(wrapped, 'tenant')).toEqual(dataKey);
  expect(await both.unwrap({ ...wrapped, masterKeyId: null }, 'tenant')).toEqual(dataKey);
  expect((await both.wrap(dataKey, 'tenant')).masterKeyId).toBe(await createMasterKeyProvider(next).currentKeyId());
  await expect(both.unwrap(wrapped, 'other tenant')).rejects.toMatchObject({ code: 'internal' });
  await expect(createMasterKeyProvider(next).unwrap(wrapped, 'tenant')).rejects.toThrow(wrapped.masterKeyId);
});

test('an installation moves from its own master key to Vault, and back', async () => {
  const settings = { MASTER_KEY: base64(old), VAULT_ADDR: address, VAULT_TOKEN: vault.token };
  const local = openKeyProvider(settings);
  const inVault = openKeyProvider({ ...settings, KEY_PROVIDER: 'vault' });
  const before = await local.wrap(dataKey, 'tenant');
  const after = await inVault.wrap(await inVault.unwrap(before, 'tenant'), 'tenant');
  expect(after.masterKeyId).toBe('vault:transit/parley:v1');
  expect(await local.unwrap(after, 'tenant')).toEqual(dataKey);
  const withoutVault = openKeyProvider({ MASTER_KEY: base64(old) });
  await expect(withoutVault.unwrap(after, 'tenant')).rejects.toMatchObject({ code: 'internal' });
});

test.each([
  ['env', {}, ['DATABASE_URL', 'MASTER_KEY']],
  ['vault', { KEY_PROVIDER: 'vault', VAULT_ADDR: 'vault.internal' }, ['DATABASE_URL', 'VAULT_ADDR', 'VAULT_TOKEN']],
])('the environment lists all that the provider %s lacks, beside what else is missing', (_provider, given, missing) => {
  let complaint = '';
  try {
    readKeyEnv(given);
  } catch (error) {
    complaint = String(error);
  }
  const names = [...complaint.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name);
  expect(new Set(names)).toEqual(new Set(missing));
});
