import { expect, it } from 'vitest';
import { readEnv } from '../../../config/env.ts';

const JWT_SECRET = 'j'.repeat(43);
const MASTER_KEY = Buffer.alloc(32, 1).toString('base64');
const OTHER_MASTER_KEY = Buffer.alloc(32, 2).toString('base64');

it('the service token must be no other secret: the start says which variable is wrong, never its value', () => {
  const read = (SERVICE_TOKEN: string) => () =>
    readEnv({
      DATABASE_URL: 'postgres://parley_app@localhost/parley',
      CONVERSATION_JWT_SECRET: JWT_SECRET,
      CONVERSATION_JWT_PREVIOUS_SECRETS: 'p'.repeat(43),
      MASTER_KEY,
      MASTER_KEY_PREVIOUS: OTHER_MASTER_KEY,
      SERVICE_TOKEN,
    });
  for (const secret of [JWT_SECRET, 'p'.repeat(43)]) {
    expect(read(secret)).toThrow('SERVICE_TOKEN: must not be a secret that signs tokens');
  }
  for (const secret of [MASTER_KEY, OTHER_MASTER_KEY]) {
    expect(read(secret)).toThrow(/^[^=]*SERVICE_TOKEN: must not be a master key$/);
  }
  expect(read('s'.repeat(43))().SERVICE_TOKEN).toBe('s'.repeat(43));
  expect(read('')().SERVICE_TOKEN).toBeUndefined();
});
