import { randomUUID } from 'node:crypto';
import fc from 'fast-check';

/** What is used of JSON Schema. */
export interface JsonSchema {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  format?: string;
  pattern?: string;
  contentEncoding?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  items?: JsonSchema;
  required?: string[];
  properties?: Record<string, JsonSchema>;
}

const SAMPLES = 10;
const DAY_MS = 24 * 3600 * 1_000;

const FORMATS: Record<string, () => string> = {
  uuid: randomUUID,
  email: () => `${randomUUID()}@people.example`,
  'date-time': () => new Date(Date.now() + DAY_MS).toISOString(),
  uri: () => `https://${randomUUID()}.example/`,
};

/** Values by the names of properties, wherever these are; a property that holds an object is none that names something. */
export type Given = Readonly<Record<string, unknown>>;

/**
 * The smallest value that fits the schema: what is optional is left out, of several variants the first is taken. Texts are new
 * each time, as names may have to be unique.
 */
export function sampleOf(schema: JsonSchema, given: Given = {}): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => sampleOf(part, given)));
  const { anyOf, oneOf, ...common } = schema;
  const [variant] = anyOf ?? oneOf ?? [];
  if (variant) return sampleOf(common.properties ? narrowed(common, variant) : variant, given);
  switch ([schema.type].flat()[0]) {
    case 'string':
      return text(schema);
    case 'integer':
    case 'number':
      return schema.minimum ?? (schema.exclusiveMinimum ?? 0) + 1;
    case 'boolean':
      return true;
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items ?? {}, given));
    case 'null':
      return null;
    default:
      return record(schema, given);
  }
}

/** An object's schema with what one of its variants says more. */
function narrowed(common: JsonSchema, variant: JsonSchema): JsonSchema {
  const properties = { ...common.properties };
  for (const [name, more] of Object.entries(variant.properties ?? {}))
    properties[name] = { ...properties[name], ...more };
  return { ...common, properties, required: [...(common.required ?? []), ...(variant.required ?? [])] };
}

function record({ required = [], properties = {} }: JsonSchema, given: Given): Record<string, unknown> {
  const isGiven = (name: string) => given[name] !== undefined && properties[name]?.type !== 'object';
  const names = Object.keys(properties).filter((name) => required.includes(name) || isGiven(name));
  return Object.fromEntries(
    names.map((name) => [name, isGiven(name) ? given[name] : sampleOf(properties[name] ?? {}, given)]),
  );
}

function text({ format, pattern, contentEncoding, minLength = 0, maxLength = Infinity }: JsonSchema): string {
  const formatted = FORMATS[format ?? '']?.();
  if (formatted !== undefined) return formatted;
  if (contentEncoding === 'base64') return Buffer.from('sample').toString('base64');
  if (pattern === undefined) return `sample ${randomUUID()}`.padEnd(minLength, '.').slice(0, maxLength);
  const fits = ({ length }: string) => length >= minLength && length <= maxLength;
  const matching = fc.sample(fc.stringMatching(new RegExp(pattern)).filter(fits), SAMPLES);
  // The longest: two short ones may be the same.
  return matching.reduce((longest, one) => (one.length > longest.length ? one : longest));
}
