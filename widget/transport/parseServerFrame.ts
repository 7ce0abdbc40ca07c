import type { ServerFrame } from '../../contracts/frames.ts';
import {
  isCount,
  isRating,
  isText,
  optionalText,
  parseClosing,
  parseEntityList,
  parseMessage,
  parseObject,
  type Unknowns,
} from './guards.ts';

type Parsers = { [T in ServerFrame['type']]: (raw: Unknowns) => ServerFrame | undefined };

const TYPISTS = ['bot', 'ai', 'agent'] as const;

const PARSERS: Parsers = {
  ready: ({ conversationId, lastSeq, closed }) =>
    isText(conversationId) && isCount(lastSeq)
      ? { type: 'ready', conversationId, lastSeq, closed: parseClosing(closed) }
      : undefined,
  ack: ({ clientMessageId }) => (isText(clientMessageId) ? { type: 'ack', clientMessageId } : undefined),
  message: (raw) => {
    const message = parseMessage(raw);
    return message && { type: 'message', ...message };
  },
  message_edited: ({ id, seq, text, entities, editedAt }) =>
    isText(id) && isCount(seq) && isText(text) && isText(editedAt)
      ? { type: 'message_edited', id, seq, text, entities: parseEntityList(entities), editedAt }
      : undefined,
  message_delta: ({ draftId, offset, text }) =>
    isText(draftId) && isCount(offset) && isText(text) ? { type: 'message_delta', draftId, offset, text } : undefined,
  message_discard: ({ draftId }) => (isText(draftId) ? { type: 'message_discard', draftId } : undefined),
  typing: ({ active, author }) =>
    typeof active === 'boolean'
      ? { type: 'typing', active, author: TYPISTS.find((kind) => kind === author) }
      : undefined,
  presence: ({ agents }) => (isCount(agents) ? { type: 'presence', agents } : undefined),
  receipt: ({ upToSeq, status }) =>
    isCount(upToSeq) && (status === 'delivered' || status === 'read')
      ? { type: 'receipt', upToSeq, status }
      : undefined,
  agent_joined: ({ agent }) => ({ type: 'agent_joined', agent: optionalText(agent) }),
  info_note: ({ key, text }) => (isText(text) ? { type: 'info_note', key: optionalText(key), text } : undefined),
  conversation_closed: () => ({ type: 'conversation_closed' }),
  rated: ({ rating }) => (isRating(rating) ? { type: 'rated', rating } : undefined),
  conversation_reset: ({ upToSeq }) => (isCount(upToSeq) ? { type: 'conversation_reset', upToSeq } : undefined),
  pong: () => ({ type: 'pong' }),
  error: ({ code, message, retryAfter, clientMessageId, frame }) =>
    isText(code)
      ? {
          type: 'error',
          code,
          message: optionalText(message) ?? '',
          retryAfter: typeof retryAfter === 'number' && retryAfter >= 0 ? retryAfter : undefined,
          clientMessageId: optionalText(clientMessageId),
          frame: frame === 'rate' ? frame : undefined,
        }
      : undefined,
};

function isKnownType(type: unknown): type is ServerFrame['type'] {
  return isText(type) && Object.prototype.hasOwnProperty.call(PARSERS, type);
}

/** One frame from the server; undefined for one that is malformed or that this widget is too old to know. */
export function parseServerFrame(json: string): ServerFrame | undefined {
  const raw = parseObject(json);
  return raw && isKnownType(raw.type) ? PARSERS[raw.type](raw) : undefined;
}
