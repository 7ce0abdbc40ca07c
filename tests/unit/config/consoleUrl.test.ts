import { expect, it } from 'vitest';
import { readEnv } from '../../../config/env.ts';

it('the console’s address is of the web and says where the conversation’s id belongs', () => {
  const read = (CONSOLE_URL: string) => () =>
    readEnv({
      DATABASE_URL: 'postgres://parley_app@localhost/parley',
      CONVERSATION_JWT_SECRET: 'j'.repeat(43),
      MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
      CONSOLE_URL,
    }).CONSOLE_URL;
  const url = 'https://support.example/conversations/{conversationId}';
  expect(read(url)()).toBe(url);
  expect(read('')()).toBeUndefined();
  expect(read('https://support.example/')).toThrow('CONSOLE_URL: must have {conversationId} in it');
  expect(read('javascript:alert("{conversationId}")')).toThrow('CONSOLE_URL');
});
