import type { Random } from '../../chaos/random.ts';
import { type JsonSchema, sampleOf } from '../access/sampleOf.ts';
import { hostileValue, kindsOfName, pick, type Targets } from './places.ts';

const OPTIONAL = 0.4;
/** Of texts that are known to name nothing. */
const ID_IN_A_TEXT = 0.1;

/** A body that fits the schema for the most part, with ids wherever one may stand; `given` is for properties of these names. */
export function hostileBody(
  schema: JsonSchema,
  random: Random,
  targets: Targets,
  given: Readonly<Record<string, unknown>>,
): unknown {
  const valueOf = (part: JsonSchema, name: string): unknown => {
    const variants = part.anyOf ?? part.oneOf;
    if (variants) return valueOf(pick(random, variants), name);
    if (part.allOf) return Object.assign({}, ...part.allOf.map((one) => valueOf(one, name)));
    if (part.const !== undefined) return part.const;
    if (part.enum) return pick(random, part.enum);
    switch ([part.type].flat()[0]) {
      case 'string':
        return textOf(part, name);
      case 'array':
        return Array.from({ length: Math.max(part.minItems ?? 0, 1) }, () => valueOf(part.items ?? {}, name));
      case 'object':
        return objectOf(part);
      default:
        return sampleOf(part);
    }
  };
  const textOf = (part: JsonSchema, name: string): unknown => {
    const kinds = kindsOfName(name);
    if (kinds) return hostileValue(random, kinds, targets);
    return random.chance(ID_IN_A_TEXT) ? pick(random, Object.values(targets.theirs)) : exampleOf(part);
  };
  const objectOf = ({ required = [], properties = {} }: JsonSchema): Record<string, unknown> => {
    const names = Object.keys(properties).filter((name) => required.includes(name) || random.chance(OPTIONAL));
    return Object.fromEntries(
      names.map((name) => [name, Object.hasOwn(given, name) ? given[name] : valueOf(properties[name] ?? {}, name)]),
    );
  };
  return valueOf(schema, '');
}

const examples = new Map<string, unknown>();

/** A text that fits. Finding one for a pattern takes tens of milliseconds, so it is found once. */
function exampleOf(schema: JsonSchema): unknown {
  const { pattern } = schema;
  if (pattern === undefined) return sampleOf(schema);
  if (!examples.has(pattern)) examples.set(pattern, sampleOf(schema));
  return examples.get(pattern);
}
