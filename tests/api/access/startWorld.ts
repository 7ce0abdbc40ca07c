import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roleSchema } from '../../../contracts/access.ts';
import { DEFAULT_TENANT_ID } from '../../../contracts/workflowId.ts';
import { migrate } from '../../../db/migrate.ts';
import { startPostgres } from '../../../dev/servers/startPostgres.ts';
import { startTelegramEmulator } from '../../../dev/telegram/startTelegramEmulator.ts';
import { ORIGIN, startStack } from '../support/stack.ts';
import { freshToken } from '../support/visitor.ts';
import {
  anonymous,
  type Caller,
  createKeyring,
  type PersonName,
  serviceToken,
  signInAs,
  visitorIn,
} from './callers.ts';
import { converse, send, type TestTenant, type World } from './fixtures.ts';
import { type Operation, readOperations } from './openApi.ts';

/** Two tenants, and everybody who may call a route: all of them belong to the first. */
export interface AccessWorld extends World {
  own: TestTenant;
  other: TestTenant;
  callersFor(operation: Operation): Promise<Caller[]>;
  stop(): Promise<void>;
}

/** An API over a database of its own: what a test asks for at random is done. */
export async function startWorld(): Promise<AccessWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-access-'));
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), fast: true });
  await migrate(postgres.ownerUrl);
  const stack = await startStack({ databaseUrl: postgres.appUrl });
  // It refuses what is typed in at random, which nobody but Telegram can.
  const telegram = await startTelegramEmulator({ seed: { botToken: '1:nobody-has-this-one', groupId: -1 } });
  const { url } = await stack.startApi({ MAIL_FOLDER: join(folder, 'mail'), TELEGRAM_API_ROOT: telegram.url });
  await stack.startWorker();

  const signIn = (name: PersonName, tenantId = DEFAULT_TENANT_ID) => signInAs(stack, url, name, tenantId);
  const platformAdmin = await signIn('platform admin');
  const world: World = { stack, url, platformAdmin, operations: await readOperations(url), made: new Map() };
  const own = { tenantId: DEFAULT_TENANT_ID, site: stack.site, member: await signIn('viewer') };

  const conversationId = await converse(world, own);
  const visitor = visitorIn(conversationId, await freshToken(url, own.site, conversationId));
  const strangers = [anonymous, visitor, serviceToken];
  let people = [platformAdmin, ...(await Promise.all(roleSchema.options.map((role) => signIn(role))))];
  /** Some routes end the session that they are called with. */
  async function signedIn(): Promise<Caller[]> {
    const checks = people.map((person) => send(world, person, { method: 'GET', path: '/api/auth/me' }));
    const answers = await Promise.all(checks);
    const gone = people.filter((_person, index) => answers[index]?.status !== 200);
    const again = await Promise.all(gone.map(({ name }) => signIn(name)));
    people = [...people.filter((person) => !gone.includes(person)), ...again];
    return people;
  }
  const keyring = createKeyring(stack, own.tenantId);

  async function makeOther(): Promise<TestTenant> {
    const tenant = await send(world, platformAdmin, {
      method: 'POST',
      path: '/v1/admin/tenants',
      body: { slug: 'other', name: 'Other' },
    });
    const tenantId = String(tenant.body['id']);
    const site = await send(world, platformAdmin, {
      method: 'POST',
      path: '/v1/admin/sites',
      body: { name: 'Other', allowedOrigins: [ORIGIN] },
      tenantId,
    });
    const siteKey = String(site.body['key']);
    return { tenantId, site: { siteKey, origin: ORIGIN }, member: await signIn('viewer', tenantId) };
  }

  return {
    ...world,
    own,
    other: await makeOther(),
    async callersFor({ access }) {
      const scope = typeof access === 'object' && 'scope' in access ? access.scope : undefined;
      const keys = [await keyring.without(scope), ...(scope ? [await keyring.with(scope)] : [])];
      return [...strangers, ...(await signedIn()), ...keys];
    },
    async stop() {
      await stack.stop();
      await Promise.all([postgres.stop(), telegram.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
