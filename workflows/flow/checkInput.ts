import type { InputValidation } from '../../contracts/flow.ts';
import { FLOW_LIMITS } from '../../contracts/flowLimits.ts';

/** RFC 5321's lengths and the shape that mail servers accept in practice; quoted local parts are not worth a wrong refusal. */
const EMAIL = /^(?=.{3,254}$)[^\s@<>()[\]",;:\\]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i;
/** E.164 allows 15 digits; shorter than 6 is no number that can be called back. */
const PHONE = /^\+?\d{6,15}$/;
/** A decimal comma only with one or two digits behind it: `1,500` is ambiguous. */
const NUMBER = /^[+-]?\d{1,15}(?:\.\d{1,10}|,\d{1,2})?$/;

/** The value of a visitor's answer, or undefined when it is not valid. Phone numbers come back as digits alone. */
export function checkInput(validation: InputValidation, text: string): string | number | undefined {
  const answer = text.trim();
  if (answer === '' || answer.length > FLOW_LIMITS.valueLength) return undefined;
  switch (validation.kind) {
    case 'text':
      return answer.length >= validation.min && answer.length <= validation.max ? answer : undefined;
    case 'email':
      return EMAIL.test(answer) ? answer : undefined;
    case 'phone':
      return keepIf(answer.replace(/[\s().\-/]/g, ''), PHONE);
    case 'number':
      return checkNumber(validation, answer);
    case 'regex':
      return answer.length <= FLOW_LIMITS.matchedLength
        ? keepIf(answer, new RegExp(wholeAnswer(validation.pattern), 'iu'))
        : undefined;
  }
}

/** An input's pattern as it is run: it must match from the first character to the last. */
export function wholeAnswer(pattern: string): string {
  return `^(?:${pattern})$`;
}

function keepIf(answer: string, pattern: RegExp): string | undefined {
  return pattern.test(answer) ? answer : undefined;
}

function checkNumber(validation: Extract<InputValidation, { kind: 'number' }>, answer: string): number | undefined {
  if (!NUMBER.test(answer)) return undefined;
  const value = Number(answer.replace(',', '.')) + 0;
  if (validation.integer && !Number.isInteger(value)) return undefined;
  if (value < (validation.min ?? -Infinity) || value > (validation.max ?? Infinity)) return undefined;
  return value;
}
