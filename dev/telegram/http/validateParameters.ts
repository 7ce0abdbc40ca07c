import botApi from '../botApi.json' with { type: 'json' };
import { badRequest } from '../telegramError.ts';
import { Parameters } from './parameters.ts';
import type { RawParameters } from './readParameters.ts';

/** Parameter or field name → '!' when required, then the types that it takes, joined by '|'. */
type Fields = Record<string, string>;

const methods = botApi.methods as Record<string, Fields>;
const types = botApi.types as Record<string, Fields>;
const methodNames = new Map(Object.keys(methods).map((name) => [name.toLowerCase(), name]));

/** What Telegram says when a required parameter is missing, where its text is not the general one. */
const missingTexts: Readonly<Record<string, string>> = {
  chat_id: 'chat_id is empty',
  text: 'message text is empty',
  message_id: 'message identifier is not specified',
  message_ids: 'message identifiers are not specified',
  user_id: 'invalid user_id specified',
  file_id: 'file_id not specified',
  message_thread_id: 'invalid message thread identifier specified',
  photo: 'there is no photo in the request',
  document: 'there is no document in the request',
  video: 'there is no video in the request',
  voice: 'there is no voice in the request',
  audio: 'there is no audio in the request',
};

/** Parameters of before Bot API 7.0 that Telegram still takes and client libraries still send. */
const legacyParameters: Fields = { reply_to_message_id: 'Integer', allow_sending_without_reply: 'Boolean' };

/** The method's own spelling; the Bot API ignores case. Undefined for an unknown one. */
export function findMethod(name: string): string | undefined {
  return methodNames.get(name.toLowerCase());
}

const mismatch = Symbol('mismatch');

function decode(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return mismatch;
  }
}

function readInteger(value: unknown): number | typeof mismatch {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : mismatch;
}

function readBoolean(value: unknown): boolean | typeof mismatch {
  if (typeof value === 'boolean') return value;
  const text = String(value).toLowerCase();
  if (['true', 'yes', '1'].includes(text)) return true;
  return ['false', 'no', '0', ''].includes(text) ? false : mismatch;
}

function readArray(value: unknown, itemTypes: string[]): unknown[] | typeof mismatch {
  const items = decode(value);
  if (!Array.isArray(items)) return mismatch;
  const read = items.map((item) => readOneOf(item, itemTypes));
  return read.includes(mismatch) ? mismatch : read;
}

function readObject(value: unknown, fields: Fields | undefined): Record<string, unknown> | typeof mismatch {
  const object = decode(value);
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return mismatch;
  const given = object as Record<string, unknown>;
  if (!fields) return given;
  const read: Record<string, unknown> = { ...given };
  for (const [name, spec] of Object.entries(fields)) {
    const isMissing = given[name] === undefined || given[name] === null;
    if (isMissing && !spec.startsWith('!')) continue;
    const field = isMissing ? mismatch : readOneOf(given[name], spec.replace('!', '').split('|'));
    if (field === mismatch) return mismatch;
    read[name] = field;
  }
  return read;
}

function readType(value: unknown, type: string): unknown {
  if (type.startsWith('Array of ')) return readArray(value, [type.slice('Array of '.length)]);
  switch (type) {
    case 'Integer':
      return readInteger(value);
    case 'Boolean':
      return readBoolean(value);
    case 'Float':
      return typeof value === 'number' ? value : mismatch;
    case 'String':
      return typeof value === 'string' || typeof value === 'number' ? String(value) : mismatch;
    case 'InputFile':
      return typeof value === 'string' ? value : mismatch;
    default:
      return readObject(value, types[type]);
  }
}

function readOneOf(value: unknown, allowed: string[]): unknown {
  for (const type of allowed) {
    const read = readType(value, type);
    if (read !== mismatch) return read;
  }
  return mismatch;
}

/**
 * Checks a call's parameters against the Bot API's list and converts them to their types. Unknown ones are ignored,
 * as by Telegram. Stricter in one thing: Telegram takes an unreadable number for 0, here it is refused.
 */
export function validateParameters(method: string, raw: RawParameters): Parameters {
  const read: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries({ ...legacyParameters, ...methods[method] })) {
    const value = raw.values[name];
    if (value === undefined || value === null || (value === '' && spec !== '!String')) {
      if (spec.startsWith('!') && !raw.uploads.has(name)) {
        throw badRequest(missingTexts[name] ?? `parameter "${name}" is required`);
      }
      continue;
    }
    const allowed = spec.replace('!', '').split('|');
    read[name] = readOneOf(value, allowed);
    if (read[name] === mismatch) throw badRequest(`can't parse parameter "${name}": expected ${allowed.join(' or ')}`);
  }
  return new Parameters(read, raw.uploads);
}
