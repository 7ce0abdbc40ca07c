import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Browser } from './support/browser.ts';
import { PASSWORD, type PeopleStack, startPeople } from './support/startPeople.ts';

const NEW_PASSWORD = 'a new and much longer one';

let stack: PeopleStack;
beforeAll(async () => {
  stack = await startPeople();
});
afterAll(() => stack.stop());

const codeOf = async (browser: Browser) => (await browser.get('/api/auth/me')).body['code'];
const askForReset = (email: string) => stack.browser().post('/api/auth/password/reset-request', { email });
const reset = (token: string, newPassword = NEW_PASSWORD) =>
  stack.browser().post('/api/auth/password/reset', { token, newPassword });

it('changes the password and signs out everywhere else', async () => {
  const person = await stack.person();
  const [here, elsewhere] = [await stack.signIn(person), await stack.signIn(person)];
  const change = (currentPassword: string) =>
    here.post('/api/auth/password', { currentPassword, newPassword: NEW_PASSWORD });
  expect((await change('not the password')).body['code']).toBe('password_wrong');
  expect((await change(PASSWORD)).status).toBe(204);
  expect((await here.get('/api/auth/me')).status).toBe(200);
  expect(await codeOf(elsewhere)).toBe('auth_required');
  expect((await stack.browser().post('/api/auth/sign-in', person)).body['code']).toBe('credentials_invalid');
  await stack.signIn({ ...person, password: NEW_PASSWORD });
});

it('takes no short password', async () => {
  const browser = await stack.signIn(await stack.person());
  const answer = await browser.post('/api/auth/password', { currentPassword: PASSWORD, newPassword: 'elevenchars' });
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ code: 'invalid_request', errors: [{ path: '/newPassword' }] });
});

it('makes a new password by mail, once, and signs out everywhere', async () => {
  const person = await stack.person();
  const browser = await stack.signIn(person);
  const answer = await askForReset(person.email);
  expect(answer.status).toBe(202);
  const token = await stack.mail.nextToken(person.email);
  expect((await reset(token)).status).toBe(204);
  expect(await codeOf(browser)).toBe('auth_required');
  await stack.signIn({ ...person, password: NEW_PASSWORD });
  expect((await reset(token, 'yet another password')).body['code']).toBe('reset_invalid');
  expect(stack.log()).not.toContain(token);
});

it('lets one of two at once have the reset', async () => {
  const person = await stack.person();
  await askForReset(person.email);
  const token = await stack.mail.nextToken(person.email);
  const answers = await Promise.all([reset(token, 'the first new password'), reset(token, 'the second new password')]);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204, 400]));
});

it('keeps the hash of the token, and lets it live for 30 minutes', async () => {
  const person = await stack.person();
  await askForReset(person.email);
  const token = await stack.mail.nextToken(person.email);
  const { rows } = await stack.db.pool.query<{ identifier: string; seconds: number }>(
    'SELECT identifier, extract(epoch FROM expires_at - now())::int AS seconds FROM people.verifications WHERE value = $1',
    [person.userId],
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]?.identifier).not.toContain(token);
  expect(rows[0]?.seconds).toBeGreaterThan(1_740);
  expect(rows[0]?.seconds).toBeLessThanOrEqual(1_800);
  await stack.db.pool.query(
    "UPDATE people.verifications SET expires_at = now() - interval '1 second' WHERE value = $1",
    [person.userId],
  );
  expect((await reset(token)).body['code']).toBe('reset_invalid');
});

it('answers an unknown address as it answers a known one, and mails nobody', async () => {
  const nobody = `${uuidv7()}@nobody.example`;
  const unknown = await askForReset(nobody);
  const person = await stack.person();
  const known = await askForReset(person.email);
  expect([unknown.status, unknown.body]).toEqual([known.status, known.body]);
  await stack.mail.next(person.email);
  expect(stack.mail.mails.filter(({ to }) => to.includes(nobody))).toEqual([]);
});

it('sends three mails an hour to one address, whoever asks', async () => {
  const { email } = await stack.person();
  const answers = [];
  for (let count = 0; count < 4; count += 1) answers.push(await askForReset(email));
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 429]);
  expect(Number(answers[3]?.headers.get('retry-after'))).toBeGreaterThan(0);
});

it('tells nobody that the mail server refused, and names nobody in the log', async () => {
  const own = await startPeople();
  try {
    const person = await own.person();
    own.mail.refuse();
    const answer = await own.browser().post('/api/auth/password/reset-request', { email: person.email });
    expect(answer.status).toBe(202);
    await expect.poll(() => own.log()).toContain('SMTP 550');
    expect(own.log()).not.toContain(person.email);
  } finally {
    await own.stop();
  }
});
