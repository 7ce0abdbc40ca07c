import { afterAll, beforeAll, expect, it } from 'vitest';
import { request } from '../support/visitor.ts';
import { Browser } from './support/browser.ts';
import { PASSWORD, type PeopleStack, startPeople } from './support/startPeople.ts';
import { nextTotpCode, totpCode } from './support/totpCode.ts';

let stack: PeopleStack;
beforeAll(async () => {
  stack = await startPeople();
});
afterAll(() => stack.stop());

const me = (browser: Browser) => browser.get('/api/auth/me');

/** Somebody whose second factor is on. */
async function enrolled() {
  const person = await stack.person();
  const browser = await stack.signIn(person);
  const { body } = await browser.post('/api/auth/totp/enrol', { password: PASSWORD });
  const uri = body['uri'] as string;
  const recoveryCodes = body['recoveryCodes'] as string[];
  expect((await browser.post('/api/auth/totp/verify', { code: totpCode(uri) })).status).toBe(204);
  return { person, browser, uri, recoveryCodes };
}

it('is off until the app has shown a code, and then asked for at every sign-in', async () => {
  const person = await stack.person();
  const browser = await stack.signIn(person);
  expect((await browser.post('/api/auth/totp/enrol', { password: 'not the password' })).body['code']).toBe(
    'password_wrong',
  );
  const { body } = await browser.post('/api/auth/totp/enrol', { password: PASSWORD });
  const uri = body['uri'] as string;
  expect(uri).toMatch(/^otpauth:\/\/totp\/Parley:/);
  await stack.signIn(person);
  expect((await me(browser)).body).toMatchObject({ user: { twoFactorEnabled: false } });

  const before = new Browser(stack.url, browser.cookies);
  expect((await browser.post('/api/auth/totp/verify', { code: '000000' })).body['code']).toBe('second_factor_invalid');
  expect((await browser.post('/api/auth/totp/verify', { code: totpCode(uri) })).status).toBe(204);
  expect((await me(browser)).body).toMatchObject({ user: { twoFactorEnabled: true } });
  expect((await me(before)).body['code']).toBe('auth_required');

  const next = stack.browser();
  expect((await next.post('/api/auth/sign-in', person)).body).toEqual({ status: 'second_factor' });
  expect((await me(next)).body['code']).toBe('auth_required');
  expect((await next.post('/api/auth/sign-in/totp', { code: nextTotpCode(uri) })).body).toEqual({
    status: 'signed_in',
  });
  expect((await me(next)).status).toBe(200);
});

it('takes no code without a password before it, and none of another person', async () => {
  const { person, uri } = await enrolled();
  const other = await enrolled();
  const nobody = stack.browser();
  expect((await nobody.post('/api/auth/sign-in/totp', { code: totpCode(uri) })).body['code']).toBe('auth_required');
  const browser = stack.browser();
  await browser.post('/api/auth/sign-in', person);
  const wrong = await browser.post('/api/auth/sign-in/totp', { code: totpCode(other.uri) });
  expect(wrong.body['code']).toBe('second_factor_invalid');
  const old = await browser.post('/api/auth/sign-in/totp', { code: totpCode(uri, Date.now() - 10 * 60_000) });
  expect(old.body['code']).toBe('second_factor_invalid');
});

it('takes each code once, wherever it was typed', async () => {
  const { person, uri } = await enrolled();
  const enrolling = totpCode(uri);
  const signInWith = async (code: string) => {
    const browser = stack.browser();
    await browser.post('/api/auth/sign-in', person);
    return { browser, answer: await browser.post('/api/auth/sign-in/totp', { code }) };
  };
  expect((await signInWith(enrolling)).answer.body['code']).toBe('second_factor_invalid');

  const code = nextTotpCode(uri);
  const first = await signInWith(code);
  expect(first.answer.body).toEqual({ status: 'signed_in' });
  const again = await signInWith(code);
  expect(again.answer.body['code']).toBe('second_factor_invalid');
  expect(again.answer.headers.get('set-cookie')).toBeNull();
  expect((await me(again.browser)).body['code']).toBe('auth_required');
  expect((await me(first.browser)).status).toBe(200);
  const { rows } = await stack.db.pool.query('SELECT id FROM people.sessions WHERE user_id = $1', [person.userId]);
  // Where it was switched on, and the first one.
  expect(rows).toHaveLength(2);
});

it('gives up on a sign-in after five wrong codes', async () => {
  const { person, uri } = await enrolled();
  const browser = stack.browser();
  await browser.post('/api/auth/sign-in', person);
  const cookies = new Map(browser.cookies);
  for (let count = 0; count < 5; count += 1) await browser.post('/api/auth/sign-in/totp', { code: '000000' });
  const kept = new Browser(stack.url, cookies);
  const late = await kept.post('/api/auth/sign-in/totp', { code: totpCode(uri) });
  expect(late.body['code']).toBe('auth_required');
});

it('locks a second factor after ten wrong codes over several sign-ins', async () => {
  const { person, uri } = await enrolled();
  for (let round = 0; round < 2; round += 1) {
    const browser = stack.browser();
    await browser.post('/api/auth/sign-in', person);
    for (let count = 0; count < 5; count += 1) await browser.post('/api/auth/sign-in/totp', { code: '000000' });
  }
  const browser = stack.browser();
  await browser.post('/api/auth/sign-in', person);
  const locked = await browser.post('/api/auth/sign-in/totp', { code: totpCode(uri) });
  expect(locked.status).toBe(429);
  expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0);
  const { body } = await request(`${stack.url}/metrics`);
  expect(body['text']).toContain('parley_rate_limited_total{limit="account.secondFactor"} 1');
});

it('takes each recovery code once, and none of those that were made anew', async () => {
  const { person, browser, recoveryCodes } = await enrolled();
  const [first = '', second = ''] = recoveryCodes;
  const signInWith = async (code: string) => {
    const next = stack.browser();
    await next.post('/api/auth/sign-in', person);
    return (await next.post('/api/auth/sign-in/recovery-code', { code })).body;
  };
  expect(await signInWith(first)).toEqual({ status: 'signed_in' });
  expect((await signInWith(first))['code']).toBe('second_factor_invalid');

  const { body } = await browser.post('/api/auth/totp/recovery-codes', { password: PASSWORD });
  const [fresh = ''] = body['recoveryCodes'] as string[];
  expect((await signInWith(second))['code']).toBe('second_factor_invalid');
  expect(await signInWith(fresh)).toEqual({ status: 'signed_in' });
});

it('is switched off with the password, and not put on twice', async () => {
  const { person, browser } = await enrolled();
  const again = await browser.post('/api/auth/totp/enrol', { password: PASSWORD });
  expect(again.body['code']).toBe('second_factor_on');
  expect((await browser.post('/api/auth/totp/disable', { password: 'not the password' })).status).toBe(403);
  expect((await browser.post('/api/auth/totp/disable', { password: PASSWORD })).status).toBe(204);
  expect((await stack.browser().post('/api/auth/sign-in', person)).body).toEqual({ status: 'signed_in' });
  const codes = await browser.post('/api/auth/totp/recovery-codes', { password: PASSWORD });
  expect(codes.body['code']).toBe('second_factor_off');
});

it('keeps secret and recovery codes encrypted', async () => {
  const { person, uri, recoveryCodes } = await enrolled();
  const { rows } = await stack.db.pool.query('SELECT secret, backup_codes FROM people.two_factors WHERE user_id = $1', [
    person.userId,
  ]);
  const stored = JSON.stringify(rows);
  expect(stored).not.toContain(new URL(uri).searchParams.get('secret'));
  for (const code of recoveryCodes) expect(stored).not.toContain(code);
  expect(stack.log()).not.toContain(recoveryCodes[0]);
});
