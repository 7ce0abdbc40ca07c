import { z } from 'zod';

const MAX_PAGE = 100;

/** Which part of a list. `cursor` is what the page before gave as `nextCursor`. */
export const pageQuerySchema = z.object({
  cursor: z.uuid().toLowerCase().optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
});

/** A part of a list; `nextCursor` is null at its end. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.uuid().nullable() });
}

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** The page of what was read with one row more than `limit`, to know whether there is another. */
export function toPage<Row extends { id: string }, Item>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => Item,
): Page<Item> {
  const page = rows.slice(0, limit);
  return { items: page.map(view), nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}
