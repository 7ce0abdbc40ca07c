import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createKnownOrigins } from '../../../api/edge/knownOrigins.ts';
import type { Db } from '../../../db/createDb.ts';

const LOOK_UP_MS = 10;

/** A database that needs a moment for each look-up and knows every origin at `shop.example`. */
function slowDb() {
  const asked: string[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  const query = async ({ values: [origin] }: { values: [string] }) => {
    asked.push(origin);
    atOnce += 1;
    mostAtOnce = Math.max(mostAtOnce, atOnce);
    await new Promise((resolve) => setTimeout(resolve, LOOK_UP_MS));
    atOnce -= 1;
    return { rows: [{ known: origin.endsWith('shop.example') }] };
  };
  const db = { pool: { query } } as unknown as Db;
  return { db, asked, mostAtOnce: () => mostAtOnce };
}

const originsOf = (db: Db) => createKnownOrigins({ db, environment: 'production', installation: [] });
const many = (count: number, name: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => name(index));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('lets a crowd of one new page in with one look-up', async () => {
  const { db, asked } = slowDb();
  const origins = originsOf(db);
  const answers = Promise.all(many(50, () => 'https://shop.example').map((origin) => origins.has(origin)));
  await vi.runAllTimersAsync();
  expect(await answers).toEqual(many(50, () => '').map(() => true));
  expect(asked).toHaveLength(1);
});

it('lets a page in that comes while somebody makes up origins, and asks for a few at a time', async () => {
  const { db, mostAtOnce } = slowDb();
  const origins = originsOf(db);
  const madeUp = Promise.all(
    many(100, (index) => `https://evil-${index}.example`).map((origin) => origins.has(origin)),
  );
  const real = origins.has('https://shop.example');
  await vi.runAllTimersAsync();
  expect(await real).toBe(true);
  expect(new Set(await madeUp)).toEqual(new Set([false]));
  expect(mostAtOnce()).toBe(8);
});

it('keeps nobody waiting for a database that says nothing', async () => {
  const db = { pool: { query: () => new Promise(() => {}) } } as unknown as Db;
  const origins = originsOf(db);
  const answers = Promise.all(many(1_000, (index) => `https://${index}.example`).map((origin) => origins.has(origin)));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(new Set(await answers)).toEqual(new Set([false]));
});
