import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createVaultTransitProvider } from '../../../encryption/vaultTransitProvider.ts';
import { FakeVault } from '../../support/fakeVault.ts';

const dataKey = randomBytes(32);
let vault: FakeVault;
let address: string;

beforeEach(async () => {
  vault = new FakeVault();
  address = await vault.start();
});
afterEach(() => vault.stop());

const provide = (more: { token?: string; key?: string; timeoutMs?: number } = {}) =>
  createVaultTransitProvider({ address, token: vault.token, mount: 'transit', key: 'parley', ...more });

test('Vault wraps and unwraps for one tenant, and the data key is nowhere in what is stored', async () => {
  const provider = provide();
  const key = await provider.wrap(dataKey, 'tenant-a');
  expect(key.masterKeyId).toBe('vault:transit/parley:v1');
  expect(key.wrapped.toString()).not.toContain(dataKey.toString('base64'));
  expect(await provider.unwrap(key, 'tenant-a')).toEqual(dataKey);
  await expect(provider.unwrap(key, 'tenant-b')).rejects.toMatchObject({ code: 'internal' });
});

test('a rotation in Vault gives the current key another name, and what the old one wrapped still opens', async () => {
  const provider = provide();
  const before = await provider.wrap(dataKey, 'tenant-a');
  vault.rotate();
  expect(await provider.currentKeyId()).toBe('vault:transit/parley:v2');
  expect((await provider.wrap(dataKey, 'tenant-a')).masterKeyId).toBe('vault:transit/parley:v2');
  expect(await provider.unwrap(before, 'tenant-a')).toEqual(dataKey);
});

test('a wrong token and an unknown key are refusals, and say so without the token', async () => {
  const denied: unknown = await provide({ token: 'hvs.wrong' })
    .wrap(dataKey, 'a')
    .catch((error: unknown) => error);
  expect(denied).toMatchObject({
    name: 'KeyProviderError',
    code: 'internal',
    message: 'Vault answered 403 to encrypt',
  });
  await expect(provide({ key: 'other' }).currentKeyId()).rejects.toMatchObject({ code: 'internal' });
});

test.each([
  ['is sealed', () => void (vault.sealed = true)],
  [
    'is overloaded',
    () => void (vault.instead = [429, { errors: ['request path "transit/": rate limit quota exceeded'] }]),
  ],
  ['is not Vault', () => void (vault.instead = [200, { hello: 'world' }])],
  ['never answers', () => void (vault.silent = true)],
])('one that %s is unavailable for now', async (_what, breakIt) => {
  breakIt();
  const attempt = provide({ timeoutMs: 300 }).wrap(dataKey, 'a');
  await expect(attempt).rejects.toMatchObject({ code: 'keys_unavailable', retryAfterSeconds: 5 });
});

test('nobody at the address is unavailable, too', async () => {
  await vault.stop();
  await expect(provide().currentKeyId()).rejects.toMatchObject({ code: 'keys_unavailable' });
});
