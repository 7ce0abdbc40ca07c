import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { environment } from '../../config/env.ts';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { listAudit } from '../../db/queries/audit/listAudit.ts';
import { findPersonByEmail } from '../../db/queries/people/findPersonByEmail.ts';
import { type PeopleStack, startPeople } from '../api/people/support/startPeople.ts';
import { CHECKOUT } from '../support/program.ts';

const PASSWORD = 'only the operator knows this';

let stack: PeopleStack;
let db: Db;
beforeAll(async () => {
  stack = await startPeople();
  db = createDb(inject('servers').appUrl, { poolSize: 1 });
});
afterAll(async () => {
  await db.close();
  await stack.stop();
});

/** `npm run admin` with this on stdin, and nothing in the environment but the database. */
async function admin(
  args: string[],
  input = '',
  variables: Record<string, string> = { DATABASE_URL: inject('servers').appUrl },
) {
  const child = spawn(process.execPath, ['scripts/run.mjs', 'commands/admin.ts', ...args], {
    cwd: CHECKOUT,
    env: { PATH: environment()['PATH'], ...variables },
  });
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
}
const create = (email: string, input: string) => admin(['create-platform-admin', '--email', email], input);
const newAddress = () => `${uuidv7()}@operator.example`;

it('makes a platform admin, whose password comes from stdin and is shown nowhere', async () => {
  const email = newAddress();
  const { code, out, err } = await create(email, `${PASSWORD}\n`);
  expect([code, err]).toEqual([0, '']);
  expect(out).not.toContain(PASSWORD);
  const browser = await stack.signIn({ email, password: PASSWORD });
  expect((await browser.get('/api/auth/me')).body).toMatchObject({ platformAdmin: true });
  expect((await create(email, '')).out).toMatch(/already/);
});

it('lets somebody with an account run the installation, and leaves their password', async () => {
  const person = await stack.person();
  expect((await create(person.email, '')).code).toBe(0);
  expect((await findPersonByEmail(db, person.email))?.platformAdmin).toBe(true);
  await stack.signIn(person);
});

it('leaves a line for each in the audit log, and none where nothing changed', async () => {
  const email = newAddress();
  const person = await stack.person();
  for (const address of [email, person.email, email]) expect((await create(address, `${PASSWORD}\n`)).code).toBe(0);
  const made = [(await findPersonByEmail(db, email))?.userId, person.userId];
  const lines = await listAudit(db, DEFAULT_TENANT_ID, { limit: 1_000 });
  const ofThese = lines.filter(({ target }) => made.some((userId) => target === `person/${userId}`));
  expect(ofThese.map(({ action, actor }) => [action, actor.kind])).toEqual([
    ['platform_admin.made', 'system'],
    ['platform_admin.made', 'system'],
  ]);
});

it('says in a line what is missing', async () => {
  const email = newAddress();
  const short = await create(email, 'short\n');
  expect([short.code, short.err]).toEqual([2, 'The password must have 12 to 128 characters.\n']);
  expect(await findPersonByEmail(db, email)).toBeUndefined();
  expect((await admin(['create-platform-admin'])).err).toMatch(/--email is missing/);
  expect((await admin([])).err).toMatch(/create-platform-admin --email/);
  const noDatabase = await admin(['create-platform-admin', '--email', email], PASSWORD, {});
  expect([noDatabase.code, noDatabase.err]).toEqual([1, expect.stringMatching(/DATABASE_URL/)]);
});
