import { expect, test } from 'vitest';
import { type InputValidation, inputValidationSchema } from '../../../contracts/flow.ts';
import { checkInput } from '../../../workflows/flow/checkInput.ts';

const text = inputValidationSchema.parse({ kind: 'text', min: 2, max: 5 });
const number: InputValidation = { kind: 'number', min: -5, max: 5.5, integer: false };
const whole: InputValidation = { kind: 'number', integer: true };
const code: InputValidation = { kind: 'regex', pattern: 'ab|\\d{3}' };

test.each<[InputValidation, string, string | number | undefined]>([
  [text, ' ab ', 'ab'],
  [text, 'a', undefined],
  [text, 'abcdef', undefined],
  [text, '   ', undefined],
  [{ kind: 'email' }, 'Ada.Lovelace+x@mail.example.co', 'Ada.Lovelace+x@mail.example.co'],
  [{ kind: 'email' }, "o'brien@müller.example", undefined],
  [{ kind: 'email' }, "o'brien@example.com", "o'brien@example.com"],
  [{ kind: 'email' }, 'a@b', undefined],
  [{ kind: 'email' }, 'a b@example.com', undefined],
  [{ kind: 'email' }, 'a@-example.com', undefined],
  [{ kind: 'email' }, `a@${'b'.repeat(300)}.com`, undefined],
  [{ kind: 'phone' }, '+49 (30) 123-45.67', '+49301234567'],
  [{ kind: 'phone' }, '12345', undefined],
  [{ kind: 'phone' }, '+1234567890123456', undefined],
  [{ kind: 'phone' }, 'call me', undefined],
  [number, '5.5', 5.5],
  [number, '-0', 0],
  [number, '2,5', 2.5],
  [number, '-6', undefined],
  [number, '5.6', undefined],
  [number, '1e3', undefined],
  [number, '0x1', undefined],
  [whole, '1,500', undefined],
  [whole, '1.5', undefined],
  [whole, '+15', 15],
  [code, 'AB', 'AB'],
  [code, '123', '123'],
  [code, 'ab1', undefined],
  [code, '1234', undefined],
])('%o takes %o as %o', (validation, answer, expected) => {
  const value = checkInput(validation, answer);
  expect(value).toBe(expected);
});

test('no answer, however hostile, holds the built-in patterns up', () => {
  const started = performance.now();
  for (const hostile of [
    'a'.repeat(900),
    `a@${'a.'.repeat(400)}`,
    `a@${'a-'.repeat(400)}`,
    '('.repeat(900),
    '1'.repeat(900),
  ]) {
    for (const kind of ['email', 'phone', 'number'] as const)
      checkInput(inputValidationSchema.parse({ kind }), `${hostile}!`);
  }
  expect(performance.now() - started).toBeLessThan(200);
});
