type Json = Record<string, unknown>;

/** The parts of `value` that are not the same in `base`, object by object; lists count as a whole. */
export function differences(value: object, base: object): Json {
  const kept: Json = {};
  for (const [name, part] of Object.entries(value)) {
    const basePart = (base as Json)[name];
    if (isObject(part) && isObject(basePart)) {
      const inner = differences(part, basePart);
      if (Object.keys(inner).length > 0) kept[name] = inner;
    } else if (part !== undefined && JSON.stringify(part) !== JSON.stringify(basePart)) {
      kept[name] = part;
    }
  }
  return kept;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
