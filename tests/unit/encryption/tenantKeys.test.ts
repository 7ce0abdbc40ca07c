import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { createMasterKeyProvider } from '../../../encryption/masterKeyProvider.ts';
import { createSecretBox, openingClear } from '../../../encryption/secretBox.ts';
import { createTenantKeys, makeTenantKey } from '../../../encryption/tenantKeys.ts';
import { memoryKeyStore } from './memoryKeyStore.ts';

const provider = createMasterKeyProvider(randomBytes(32));

test('a tenant’s first key is made once, wrapped by the master key, and known to every process', async () => {
  const store = memoryKeyStore();
  const tenantId = randomUUID();
  const processes = [createTenantKeys(store, provider), createTenantKeys(store, provider)];
  const [one, other] = await Promise.all(processes.map((keys) => keys.current(tenantId)));
  expect(one?.key).toHaveLength(32);
  expect(other).toEqual(one);
  const [row, ...more] = store.rows.get(tenantId) ?? [];
  expect(more).toEqual([]);
  expect(one && row?.wrapped.includes(one.key)).toBe(false);
});

test('tenants have keys of their own, and another master key unwraps none', async () => {
  const store = memoryKeyStore();
  const keys = createTenantKeys(store, provider);
  const [one, other] = [randomUUID(), randomUUID()];
  expect((await keys.current(one)).key.equals((await keys.current(other)).key)).toBe(false);
  await expect(createTenantKeys(store, createMasterKeyProvider(randomBytes(32))).current(one)).rejects.toThrow(
    /not among/,
  );
});

test('a tenant that was seen is served while the store is down; one that was not is tried again', async () => {
  const store = memoryKeyStore();
  let down = false;
  const list: typeof store.list = async (tenantId) => {
    if (down) throw new Error('The database is out of reach');
    return store.list(tenantId);
  };
  const keys = createTenantKeys({ ...store, list }, provider);
  const [seen, unseen] = [randomUUID(), randomUUID()];
  const before = await keys.current(seen);
  down = true;
  expect(await keys.current(seen)).toEqual(before);
  await expect(keys.current(unseen)).rejects.toThrow('out of reach');
  down = false;
  expect((await keys.current(unseen)).version).toBe(1);
});

test('a secret opens for its tenant only, and not when a bit of it changed', async () => {
  const box = createSecretBox(createTenantKeys(memoryKeyStore(), provider), 'secret');
  const [mine, theirs] = [randomUUID(), randomUUID()];
  const sealed = await box.seal(mine, '123456:bot-token');
  expect(sealed.includes('bot-token')).toBe(false);
  expect(await box.open(mine, sealed)).toBe('123456:bot-token');
  await box.seal(theirs, 'a key of their own');
  await expect(box.open(theirs, sealed)).rejects.toThrow(/authenticate/);
  for (const index of [0, 1, sealed.length - 1]) {
    const changed = Buffer.from(sealed);
    changed[index] = (changed[index] ?? 0) ^ 1;
    await expect(box.open(mine, changed)).rejects.toThrow(/authenticate|No key/);
  }
});

afterEach(() => vi.useRealTimers());

test('a version that another process made seals here after 30 s at the latest, even for a tenant that was quiet', async () => {
  vi.useFakeTimers();
  const store = memoryKeyStore();
  const tenantId = randomUUID();
  const keys = createTenantKeys(store, provider);
  expect((await keys.current(tenantId)).version).toBe(1);
  await store.insert(tenantId, await makeTenantKey(provider, tenantId, 2));
  vi.advanceTimersByTime(14_000);
  expect((await keys.current(tenantId)).version).toBe(1);
  vi.advanceTimersByTime(16_000);
  expect((await keys.current(tenantId)).version).toBe(2);
});

test('a tenant that writes all the time never waits for the store', async () => {
  vi.useFakeTimers();
  const store = memoryKeyStore();
  const tenantId = randomUUID();
  const waiting: (() => void)[] = [];
  let slow = false;
  const list: typeof store.list = async (id) => {
    if (slow) await new Promise<void>((resolve) => waiting.push(resolve));
    return store.list(id);
  };
  const keys = createTenantKeys({ ...store, list }, provider);
  await keys.current(tenantId);
  await store.insert(tenantId, await makeTenantKey(provider, tenantId, 2));
  slow = true;
  vi.advanceTimersByTime(20_000);
  expect((await keys.current(tenantId)).version).toBe(1);
  for (const answer of waiting) answer();
  await vi.waitFor(async () => expect((await keys.current(tenantId)).version).toBe(2));
});

test('while the store is out of reach the known key goes on, and the store is not asked for every message', async () => {
  vi.useFakeTimers();
  const store = memoryKeyStore();
  const tenantId = randomUUID();
  let [down, asked] = [false, 0];
  const list: typeof store.list = async (id) => {
    asked += 1;
    if (down) throw new Error('The database is out of reach');
    return store.list(id);
  };
  const keys = createTenantKeys({ ...store, list }, provider);
  await keys.current(tenantId);
  down = true;
  vi.advanceTimersByTime(60_000);
  for (let message = 0; message < 50; message++) expect((await keys.current(tenantId)).version).toBe(1);
  expect(asked).toBe(2);
});

test('a version that is met before it is known is looked up at once', async () => {
  const store = memoryKeyStore();
  const tenantId = randomUUID();
  const keys = createTenantKeys(store, provider);
  await keys.current(tenantId);
  await store.insert(tenantId, await makeTenantKey(provider, tenantId, 2));
  expect(await keys.byVersion(tenantId, 2)).toHaveLength(32);
  expect(await keys.byVersion(tenantId, 3)).toBeUndefined();
});

test('asking for a version makes no key for a tenant that nobody knows', async () => {
  const store = memoryKeyStore();
  const tenantId = randomUUID();
  expect(await createTenantKeys(store, provider).byVersion(tenantId, 1)).toBeUndefined();
  expect(store.rows.size).toBe(0);
});

test('what was sealed for one purpose does not open for another', async () => {
  const keys = createTenantKeys(memoryKeyStore(), provider);
  const tenantId = randomUUID();
  const note = await createSecretBox(keys, 'note').seal(tenantId, 'Be patient with him');
  await expect(createSecretBox(keys, 'message').open(tenantId, note)).rejects.toThrow(/authenticate/);
});

test('a row from before its column was sealed opens as it is; a secret is never taken in clear', async () => {
  const keys = createTenantKeys(memoryKeyStore(), provider);
  const tenantId = randomUUID();
  const clear = Buffer.from('\0Said long ago');
  expect(await openingClear(createSecretBox(keys, 'message')).open(tenantId, clear)).toBe('Said long ago');
  await expect(createSecretBox(keys, 'secret').open(tenantId, clear)).rejects.toThrow('No key');
});
