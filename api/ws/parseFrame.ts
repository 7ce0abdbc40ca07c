import { v7 as uuidv7 } from 'uuid';
import { CodedError } from '../../contracts/errors.ts';
import { type ClientFrame, clientFrameSchema } from '../../contracts/frames.ts';
import { MAX_FRAME_BYTES } from '../../contracts/message.ts';
import { fromZodIssues } from '../errors/fromZodIssues.ts';
import type { RefusedFrame } from './frameSender.ts';

const FRAME_TYPES = new Set<unknown>(clientFrameSchema.options.map((option) => option.shape.type.value));

export type ParsedFrame = { frame: ClientFrame } | { error: CodedError; refused?: RefusedFrame };

/**
 * A client's frame, or what is wrong with it in our codes, with what it is about where that can be made out. `givesIds`: a message
 * without one gets it here.
 */
export function parseFrame(data: Buffer, isBinary: boolean, givesIds = false): ParsedFrame {
  if (data.byteLength > MAX_FRAME_BYTES) {
    return { error: new CodedError('payload_too_large', `A frame may have ${MAX_FRAME_BYTES} bytes.`) };
  }
  if (isBinary) return { error: new CodedError('invalid_request', 'Frames are text.') };
  const sent = parseJson(data.toString('utf8'));
  const value =
    givesIds && fieldOf(sent, 'type') === 'message' ? { clientMessageId: uuidv7(), ...(sent as object) } : sent;
  if (value === undefined) return { error: new CodedError('invalid_json', 'The frame is not valid JSON.') };
  const parsed = clientFrameSchema.safeParse(value);
  if (parsed.success) return { frame: parsed.data };
  if (!FRAME_TYPES.has(fieldOf(value, 'type'))) {
    return { error: new CodedError('unknown_frame_type', 'There is no frame of this type.') };
  }
  return { error: fromZodIssues(parsed.error.issues), refused: nameOf(value) };
}

function nameOf(value: unknown): RefusedFrame {
  if (fieldOf(value, 'type') === 'rate') return { frame: 'rate' };
  const clientMessageId = fieldOf(value, 'clientMessageId');
  return typeof clientMessageId === 'string' ? { clientMessageId: clientMessageId.slice(0, 64) } : {};
}

/** Undefined for what is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
