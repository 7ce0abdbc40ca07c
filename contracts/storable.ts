import type { z } from 'zod';

/** What Postgres refuses: NUL and half surrogate pairs. In a message each is replaced; in what names something it is an error. */
const UNSTORABLE = /\0|\p{Surrogate}/u;

/** A text that the database can keep as it is. */
export function storable(schema: z.ZodString): z.ZodString {
  return schema.refine((text) => !UNSTORABLE.test(text), 'has invalid characters');
}
