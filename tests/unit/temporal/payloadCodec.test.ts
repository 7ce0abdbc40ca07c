import { randomBytes, randomUUID } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { expect, test } from 'vitest';
import { conversationWorkflowId } from '../../../contracts/workflowId.ts';
import { createMasterKeyProvider } from '../../../encryption/masterKeyProvider.ts';
import { createTenantKeys, makeTenantKey } from '../../../encryption/tenantKeys.ts';
import { createPayloadCodec } from '../../../temporal/payloadCodec.ts';
import { memoryKeyStore } from '../encryption/memoryKeyStore.ts';

const provider = createMasterKeyProvider(randomBytes(32));
const REFUSED = { name: 'PayloadDecryptionError' };
const SECRET = 'My card number is 4111';
const secret = defaultPayloadConverter.toPayload({ text: SECRET });

const contextOf = (tenantId: string) => ({
  type: 'workflow' as const,
  namespace: 'default',
  workflowId: conversationWorkflowId({ tenantId, conversationId: randomUUID() }),
});

function setup() {
  const store = memoryKeyStore();
  const codec = createPayloadCodec(createTenantKeys(store, provider));
  const seal = async (tenantId: string): Promise<Payload> => {
    const [sealed] = await codec.encode([secret], contextOf(tenantId));
    if (!sealed) throw new Error('Nothing was sealed');
    return sealed;
  };
  const open = async (payload: Payload) => {
    const [opened] = await codec.decode([payload]);
    return opened && defaultPayloadConverter.fromPayload(opened);
  };
  return { store, codec, seal, open };
}

const text = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('latin1');

test('seals for the tenant of the workflow id, and opens without knowing it', async () => {
  const { seal, open } = setup();
  const tenantId = randomUUID();
  const sealed = await seal(tenantId);
  expect(text(sealed.data)).not.toContain(SECRET);
  expect(text(sealed.metadata?.['encoding'])).toBe('binary/encrypted');
  expect(text(sealed.metadata?.['parley-tenant'])).toBe(tenantId);
  expect(await open(sealed)).toEqual({ text: SECRET });
});

test('the same words are sealed differently each time', async () => {
  const { seal } = setup();
  const tenantId = randomUUID();
  expect(text((await seal(tenantId)).data)).not.toBe(text((await seal(tenantId)).data));
});

test('another tenant’s key does not open it', async () => {
  const { seal, open } = setup();
  const [one, other] = [await seal(randomUUID()), await seal(randomUUID())];
  await expect(open({ ...one, metadata: other.metadata })).rejects.toMatchObject(REFUSED);
});

test('bytes of one tenant do not open under its key with another tenant’s name', async () => {
  const { store, seal, open } = setup();
  const [mine, theirs] = [randomUUID(), randomUUID()];
  const sealed = await seal(mine);
  // Even if their row held my key, the name that is authenticated differs.
  store.rows.set(theirs, store.rows.get(mine) ?? []);
  const renamed = { ...sealed, metadata: { ...sealed.metadata, 'parley-tenant': Buffer.from(theirs) } };
  await expect(open(renamed)).rejects.toThrow(/unwraps/);
});

test.each([0, 12, 40])('a payload with a bit changed at byte %i is refused, without a word of it', async (index) => {
  const { seal, open } = setup();
  const sealed = await seal(randomUUID());
  const data = Uint8Array.from(sealed.data ?? []);
  data[index] = (data[index] ?? 0) ^ 1;
  const error: unknown = await open({ ...sealed, data }).catch((failure: unknown) => failure);
  expect(error).toMatchObject(REFUSED);
  expect(String(error)).not.toContain('card');
});

test.each([
  ['too short', new Uint8Array(3)],
  ['empty', new Uint8Array()],
])('a sealed payload that is %s is refused', async (_, data) => {
  const { seal, open } = setup();
  await expect(open({ ...(await seal(randomUUID())), data })).rejects.toMatchObject(REFUSED);
});

test('a key version that nobody has is refused', async () => {
  const { seal, open } = setup();
  const sealed = await seal(randomUUID());
  const metadata = { ...sealed.metadata, 'parley-key-version': Buffer.from('7') };
  await expect(open({ ...sealed, metadata })).rejects.toMatchObject(REFUSED);
});

test('payloads of other workflows, and those without a context, stay as they are', async () => {
  const { codec } = setup();
  const other = { type: 'workflow' as const, namespace: 'default', workflowId: 'sweep/daily' };
  expect(await codec.encode([secret], other)).toEqual([secret]);
  expect(await codec.encode([secret])).toEqual([secret]);
  expect(await codec.decode([secret])).toEqual([secret]);
});

test('what a local activity takes and gives stays in the worker, or is a reference', async () => {
  const { codec } = setup();
  const { namespace, workflowId } = contextOf(randomUUID());
  const local = { type: 'activity' as const, namespace, workflowId, isLocal: true };
  expect(await codec.encode([secret], local)).toEqual([secret]);
  const [sealed] = await codec.encode([secret], { ...local, isLocal: false });
  expect(text(sealed?.data)).not.toContain(SECRET);
});

test('after a rotation the new version seals, and what the old one sealed still opens', async () => {
  const { store, seal, open } = setup();
  const tenantId = randomUUID();
  const old = await seal(tenantId);
  await store.insert(tenantId, await makeTenantKey(provider, tenantId, 2));
  const restarted = createPayloadCodec(createTenantKeys(store, provider));
  const [fresh] = await restarted.encode([secret], contextOf(tenantId));
  expect(text(fresh?.metadata?.['parley-key-version'])).toBe('2');
  const [opened] = await restarted.decode([old]);
  expect(opened && defaultPayloadConverter.fromPayload(opened)).toEqual({ text: SECRET });
  // A process that has cached version 1 finds version 2 when it meets it.
  expect(fresh && (await open(fresh))).toEqual({ text: SECRET });
});
