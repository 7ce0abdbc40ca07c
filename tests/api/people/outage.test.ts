import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrate } from '../../../db/migrate.ts';
import { startPostgres } from '../../../dev/servers/startPostgres.ts';
import { type PeopleStack, startPeople } from './support/startPeople.ts';

let folder: string;
let postgres: Awaited<ReturnType<typeof startPostgres>>;
let stack: PeopleStack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-people-'));
  postgres = await startPostgres({ dataDir: join(folder, 'postgres'), fast: true });
  await migrate(postgres.ownerUrl);
  stack = await startPeople({ DATABASE_URL: postgres.appUrl });
});
afterAll(async () => {
  await stack.stop();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

it('says that the database is away, and takes nobody for signed out or for wrong', async () => {
  const person = await stack.person();
  const browser = await stack.signIn(person);
  await postgres.stop();
  const answers = [
    await browser.get('/api/auth/me'),
    await browser.get('/v1/admin/invitations'),
    await stack.browser().post('/api/auth/sign-in', person),
    await stack.browser().post('/api/auth/password/reset-request', { email: person.email }),
    await stack.browser().post('/api/auth/invitations/accept', { token: 'a-token-that-cannot-be-looked-up' }),
  ];
  for (const { status, body } of answers) expect([status, body['code']]).toEqual([503, 'database_unavailable']);
  expect(browser.cookies.has('parley.session_token')).toBe(true);
  expect(stack.log()).not.toContain(person.email);
});
