import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSecretBox, createTenantKeys } from '../../../encryption/tenantKeys.ts';
import { memoryKeyStore } from './memoryKeyStore.ts';

const masterKey = randomBytes(32);

test('a tenant’s first key is made once, wrapped by the master key, and known to every process', async () => {
  const store = memoryKeyStore();
  const tenantId = randomUUID();
  const processes = [createTenantKeys(store, masterKey), createTenantKeys(store, masterKey)];
  const [one, other] = await Promise.all(processes.map((keys) => keys.current(tenantId)));
  expect(one?.key).toHaveLength(32);
  expect(other).toEqual(one);
  const [row, ...more] = store.rows.get(tenantId) ?? [];
  expect(more).toEqual([]);
  expect(one && row?.wrapped.includes(one.key)).toBe(false);
});

test('tenants have keys of their own, and another master key unwraps none', async () => {
  const store = memoryKeyStore();
  const keys = createTenantKeys(store, masterKey);
  const [one, other] = [randomUUID(), randomUUID()];
  expect((await keys.current(one)).key.equals((await keys.current(other)).key)).toBe(false);
  await expect(createTenantKeys(store, randomBytes(32)).current(one)).rejects.toThrow(/authenticate/);
});

test('a tenant that was seen is served while the store is down; one that was not is tried again', async () => {
  const store = memoryKeyStore();
  let down = false;
  const list: typeof store.list = async (tenantId) => {
    if (down) throw new Error('The database is out of reach');
    return store.list(tenantId);
  };
  const keys = createTenantKeys({ ...store, list }, masterKey);
  const [seen, unseen] = [randomUUID(), randomUUID()];
  const before = await keys.current(seen);
  down = true;
  expect(await keys.current(seen)).toEqual(before);
  await expect(keys.current(unseen)).rejects.toThrow('out of reach');
  down = false;
  expect((await keys.current(unseen)).version).toBe(1);
});

test('a secret opens for its tenant only, and not when a bit of it changed', async () => {
  const box = createSecretBox(createTenantKeys(memoryKeyStore(), masterKey));
  const [mine, theirs] = [randomUUID(), randomUUID()];
  const sealed = await box.seal(mine, '123456:bot-token');
  expect(sealed.includes('bot-token')).toBe(false);
  expect(await box.open(mine, sealed)).toBe('123456:bot-token');
  await expect(box.open(theirs, sealed)).rejects.toThrow(/authenticate/);
  for (const index of [0, 1, sealed.length - 1]) {
    const changed = Buffer.from(sealed);
    changed[index] = (changed[index] ?? 0) ^ 1;
    await expect(box.open(mine, changed)).rejects.toThrow(/authenticate|No key/);
  }
});
