/** The last element; `Array.prototype.at` is missing in Safari 14. */
export function lastOf<T>(items: readonly T[]): T | undefined {
  return items[items.length - 1];
}
