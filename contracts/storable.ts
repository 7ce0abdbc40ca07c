import { z } from 'zod';

/** What Postgres refuses: NUL and half surrogate pairs. In a message each is replaced; in what names something it is an error. */
const UNSTORABLE = /\0|\p{Surrogate}/u;

// What the OpenAPI document says of it, in what every dialect of regular expressions knows. Half pairs are no Unicode text at
// all, so no pattern has to forbid them.
const NO_NUL = '^[^\\u0000]*$';
const NO_NUL_NOT_BLANK = '^\\s*[^\\s\\u0000][^\\u0000]*$';

/** A text that the database can keep as it is. */
export function storable(schema: z.ZodString): z.ZodString {
  return refuseUnstorable(schema).meta({ pattern: NO_NUL });
}

/** What people call something: trimmed, storable, and neither empty nor longer than `max`. */
export function label(max: number): z.ZodString {
  return refuseUnstorable(z.string().max(max).trim().min(1)).meta({ pattern: NO_NUL_NOT_BLANK });
}

function refuseUnstorable(schema: z.ZodString): z.ZodString {
  return schema.refine((text) => !UNSTORABLE.test(text), 'has invalid characters');
}
