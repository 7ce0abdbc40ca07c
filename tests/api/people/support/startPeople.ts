import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { hashPassword } from 'better-auth/crypto';
import { v7 as uuidv7 } from 'uuid';
import { inject } from 'vitest';
import { startApi } from '../../../../api/startApi.ts';
import { readEnv } from '../../../../config/env.ts';
import type { Role } from '../../../../contracts/access.ts';
import { createDb, type Db } from '../../../../db/createDb.ts';
import { insertMembership } from '../../../../db/queries/people/insertMembership.ts';
import { insertPerson } from '../../../../db/queries/people/insertPerson.ts';
import { insertPlatformAdmin } from '../../../../db/queries/people/insertPlatformAdmin.ts';
import { withTenant } from '../../../../db/withTenant.ts';
import { createLogger } from '../../../../runtime/logger.ts';
import { createTenant } from '../../../db/fixtures/createTenant.ts';
import { TEST_MASTER_KEY } from '../../../db/fixtures/wordsOf.ts';
import { Browser } from './browser.ts';
import { type MailServer, startMailServer } from './startMailServer.ts';

export const PASSWORD = 'correct horse battery staple';

interface TestPerson {
  userId: string;
  email: string;
  password: string;
}

/** An API with real servers behind it, a mail server, and a log that is kept. */
export interface PeopleStack {
  url: string;
  db: Db;
  mail: MailServer;
  /** All that the API has logged so far. */
  log(): string;
  /** A person of the tenant, by default of a new one. */
  person(options?: { role?: Role; tenantId?: string }): Promise<TestPerson & { tenantId: string }>;
  platformAdmin(): Promise<Omit<TestPerson, 'userId'>>;
  browser(): Browser;
  /** A browser in which the person is signed in. */
  signIn(person: Pick<TestPerson, 'email' | 'password'>): Promise<Browser>;
  stop(): Promise<void>;
}

export async function startPeople(variables: Record<string, string> = {}): Promise<PeopleStack> {
  const { appUrl, redisUrl, temporalAddress } = inject('servers');
  const mail = await startMailServer();
  let logged = '';
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged += chunk.toString();
      done();
    },
  });
  const env = readEnv({
    NODE_ENV: 'test',
    PORT: '0',
    DATABASE_URL: appUrl,
    REDIS_URL: redisUrl,
    REDIS_PREFIX: `test-${uuidv7()}`,
    TEMPORAL_ADDRESS: temporalAddress,
    CONVERSATION_JWT_SECRET: randomBytes(32).toString('hex'),
    MASTER_KEY: TEST_MASTER_KEY,
    LIMITS: 'ip.auth=10000',
    TELEGRAM_MODE: 'webhook',
    METRICS: 'false',
    SMTP_URL: mail.url,
    ...variables,
  });
  const db = createDb(env.DATABASE_URL, { poolSize: 3 });
  const api = await startApi({ env, logger: createLogger('trace', { destination }) });
  // One hash for all: making it is slow on purpose.
  const passwordHash = await hashPassword(PASSWORD);
  const browser = () => new Browser(api.url);

  return {
    url: api.url,
    db,
    mail,
    log: () => logged,
    async person({ role = 'admin', tenantId: given } = {}) {
      const tenantId = given ?? (await createTenant(db)).tenantId;
      const email = `${uuidv7()}@people.example`;
      const userId = await withTenant(db, tenantId, async (tx) => {
        const id = await insertPerson(tx, { email, name: 'Kim', login: { passwordHash } });
        if (id === undefined) throw new Error('the address was taken');
        await insertMembership(tx, { tenantId, userId: id, role });
        return id;
      });
      return { userId, email, password: PASSWORD, tenantId };
    },
    async platformAdmin() {
      const email = `${uuidv7()}@platform.example`;
      await insertPlatformAdmin(db, { email, name: 'Sam', passwordHash });
      return { email, password: PASSWORD };
    },
    browser,
    async signIn({ email, password }) {
      const signedIn = browser();
      const { status, body } = await signedIn.post('/api/auth/sign-in', { email, password });
      if (status !== 200) throw new Error(`sign-in answered ${status} ${String(body['code'])}`);
      return signedIn;
    },
    async stop() {
      await api.close();
      await db.close();
      await mail.stop();
    },
  };
}
