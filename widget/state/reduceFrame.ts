import type { ServerFrame } from '../../contracts/frames.ts';
import { addNote } from './addNote.ts';
import { mergeMessages } from './mergeMessages.ts';
import { close, meetClosing, refuseRating, reopen, settleRating } from './reduceRating.ts';
import type { Draft, Outgoing, WidgetState } from './types.ts';

type Frame<T extends ServerFrame['type']> = Extract<ServerFrame, { type: T }>;

/** Refusals that end by themselves: the message stays queued. */
const PASSING_CODES = new Set([
  'engine_unavailable',
  'database_unavailable',
  'storage_unavailable',
  'keys_unavailable',
  'rate_limited',
  'shutting_down',
  'internal',
  'auth_required',
  'auth_timeout',
  'token_invalid',
  'token_expired',
]);

/** True when the same message may be sent again later, as it is. */
export function isPassingError(code: string): boolean {
  return PASSING_CODES.has(code);
}

/** What a frame from the server changes. `at` is epoch milliseconds. */
export function reduceFrame(state: WidgetState, frame: ServerFrame, at: number): WidgetState {
  switch (frame.type) {
    case 'ready':
      return meetClosing(
        {
          ...state,
          knownSeq: Math.max(state.knownSeq, frame.lastSeq),
          seenSeq: state.seenSeq ?? frame.lastSeq,
          typing: undefined,
        },
        frame.closed,
      );
    case 'ack':
      return patchOutgoing(state, frame.clientMessageId, { phase: 'settled', acked: true });
    case 'message':
      return reduceMessage(state, frame);
    case 'message_edited':
      return reduceEdit(state, frame);
    case 'message_delta':
      return reduceDelta(state, frame, at);
    case 'message_discard':
      return { ...state, drafts: state.drafts.filter(({ id }) => id !== frame.draftId) };
    case 'typing':
      return { ...state, typing: frame.active ? { author: frame.author ?? 'bot', since: at } : undefined };
    case 'presence':
      return { ...state, agentsPresent: frame.agents };
    case 'receipt':
      return frame.status === 'read'
        ? { ...state, readByAgentSeq: Math.max(state.readByAgentSeq, frame.upToSeq) }
        : state;
    case 'agent_joined':
      return addNote({ ...reopen(state), agent: frame.agent ?? state.agent }, 'agent_joined', frame.agent ?? '');
    case 'info_note':
      return addNote(state, 'info', frame.text);
    case 'conversation_closed':
      return close(state);
    case 'rated':
      return settleRating(state);
    case 'conversation_reset':
      return reduceReset(state, frame);
    case 'error':
      return reduceError(state, frame);
    case 'pong':
      return state;
  }
}

/** Changes one message of the queue. */
export function patchOutgoing(state: WidgetState, clientMessageId: string, patch: Partial<Outgoing>): WidgetState {
  return {
    ...state,
    outgoing: state.outgoing.map((item) => (item.clientMessageId === clientMessageId ? { ...item, ...patch } : item)),
  };
}

/** What a person says opens a closed conversation; the words with which it was closed may come after the news. */
function reduceMessage(state: WidgetState, frame: Frame<'message'>): WidgetState {
  const merged = mergeMessages(state, [frame]);
  const isPersons = frame.author.kind === 'visitor' || frame.author.kind === 'agent';
  return isPersons && merged !== state ? reopen(merged) : merged;
}

/** An edit that comes after a later one changes nothing; of two within Telegram's second, the one that came last holds. */
function reduceEdit(state: WidgetState, { id, text, entities, editedAt }: Frame<'message_edited'>): WidgetState {
  const known = state.messages.find((message) => message.id === id);
  if (!known || (known.editedAt ?? '') > editedAt) return state;
  const messages = state.messages.map((message) =>
    message === known ? { ...known, text, entities, editedAt } : message,
  );
  return { ...state, messages };
}

function reduceDelta(state: WidgetState, { draftId, offset, text }: Frame<'message_delta'>, at: number): WidgetState {
  if (state.messages.some(({ id }) => id === draftId)) return state;
  const draft = state.drafts.find(({ id }) => id === draftId);
  if (!draft) {
    if (offset > 0) return state;
    return {
      ...state,
      typing: undefined,
      drafts: [...state.drafts, { id: draftId, text, broken: false, touchedAt: at }],
    };
  }
  const grown = growDraft(draft, offset, text, at);
  return { ...state, drafts: state.drafts.map((item) => (item === draft ? grown : item)) };
}

/** A repeated piece changes nothing; a hole freezes the draft; a start from 0 with other words is a new attempt. */
function growDraft(draft: Draft, offset: number, text: string, at: number): Draft {
  if (draft.text.startsWith(text, offset)) return { ...draft, touchedAt: at };
  if (offset === 0) return { ...draft, text, broken: false, touchedAt: at };
  if (draft.broken || offset > draft.text.length) return { ...draft, broken: true, touchedAt: at };
  return { ...draft, text: draft.text.slice(0, offset) + text, touchedAt: at };
}

/** What was said is gone; what waits to be sent is for the conversation that begins anew. */
function reduceReset(state: WidgetState, { upToSeq }: Frame<'conversation_reset'>): WidgetState {
  const messages = state.messages.filter(({ seq }) => seq > upToSeq);
  const knownSeq = Math.max(state.knownSeq, upToSeq);
  const contiguousSeq = Math.max(state.contiguousSeq, upToSeq);
  return reopen({ ...state, messages, knownSeq, contiguousSeq, drafts: [], notes: [], typing: undefined });
}

/** An error without an id means the message in flight: there is at most one. */
function reduceError(state: WidgetState, { code, clientMessageId, frame }: Frame<'error'>): WidgetState {
  if (frame === 'rate') return refuseRating(state, isPassingError(code));
  const target = state.outgoing.find((item) =>
    clientMessageId ? item.clientMessageId === clientMessageId : item.phase === 'inFlight',
  );
  if (!target) return state;
  return patchOutgoing(
    state,
    target.clientMessageId,
    isPassingError(code) ? { phase: 'waiting' } : { phase: 'failed', failure: code },
  );
}
