import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import { FakeVault } from '../support/fakeVault.ts';
import { createOwnDatabase, type OwnDatabase } from '../support/ownDatabase.ts';
import { type Stack, startStack } from './support/stack.ts';
import { openConversation, VisitorClient } from './support/visitor.ts';

const vault = new FakeVault();
let database: OwnDatabase;
let stack: Stack;
let api: RunningApi;

beforeAll(async () => {
  database = await createOwnDatabase();
  stack = await startStack({ databaseUrl: database.appUrl });
  const settings = { KEY_PROVIDER: 'vault', VAULT_ADDR: await vault.start(), VAULT_TOKEN: vault.token } as const;
  api = await stack.startApi({ ...settings, MASTER_KEY: undefined });
  await stack.startWorker({ ...settings, MASTER_KEY: undefined });
});
afterAll(async () => {
  await stack?.stop();
  await vault.stop();
  await database?.drop();
});

it('refuses a message while a sealed Vault keeps its tenant’s key, and goes on without Vault once it is known', async () => {
  vault.sealed = true;
  const { token } = await openConversation(api.url, stack.site);
  const visitor = await VisitorClient.join(api.url, token);
  const id = visitor.say('Where is my parcel?', randomUUID());
  expect(await visitor.error('keys_unavailable')).toMatchObject({ clientMessageId: id, retryAfter: 5 });

  vault.sealed = false;
  visitor.say('Where is my parcel?', id);
  await visitor.ack(id);
  await visitor.message('Hello!');

  vault.sealed = true;
  await visitor.ack(visitor.say('And my invoice?'));
  await visitor.message('And my invoice?');
  visitor.leave();
});
