import type { ErrorDetail } from '../contracts/errors.ts';

export type JsonPath = readonly (string | number)[];

/** A detail at a place of the definition, its path written as a JSON pointer (RFC 6901). */
export function finding(path: JsonPath, message: string): ErrorDetail {
  const pointer = path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return { path: pointer, message };
}
