import type { Message } from '../../contracts/message.ts';
import { lastOf } from './lastOf.ts';
import { mergeMessages } from './mergeMessages.ts';
import { patchFile, refuseFile, withoutUploads } from './outgoingFiles.ts';
import { patchOutgoing, reduceFrame } from './reduceFrame.ts';
import { patchRating, reopen } from './reduceRating.ts';
import { type Action, INITIAL_STATE, type Link, type Outgoing, type WidgetState } from './types.ts';

/** The queue keeps this many messages that the server has not echoed. */
export const QUEUE_LIMIT = 50;
/** A typing indicator that nobody renews ends after this. */
export const TYPING_LIFETIME_MS = 10_000;
/** A draft that neither grows nor ends: its discard was lost on the way. */
export const DRAFT_LIFETIME_MS = 45_000;

/** The widget's one transition function: pure, so that every behaviour can be tested without a browser. */
export function reduce(state: WidgetState, action: Action): WidgetState {
  return markSeen(apply(state, action));
}

function apply(state: WidgetState, action: Action): WidgetState {
  switch (action.type) {
    case 'panel':
      return { ...state, open: action.open };
    case 'visibility':
      return { ...state, visible: action.visible };
    case 'link':
      return changeLink(state, action.link);
    case 'conversation':
      return changeConversation(state, action.conversationId);
    case 'enqueue':
      return enqueue(state, action);
    case 'uploading':
      return patchFile(state, action.fileId, { progress: action.progress });
    case 'uploaded':
      return patchFile(state, action.fileId, { progress: 1, uploaded: true });
    case 'uploadRefused':
      return refuseFile(state, action.fileId, action.code);
    case 'written':
      return patchOutgoing(state, action.clientMessageId, { phase: 'inFlight' });
    case 'rate':
      return state.rating?.phase === 'asked' ? { ...state, rating: { phase: 'waiting', value: action.rating } } : state;
    case 'rateWritten':
      return patchRating(state, 'inFlight');
    case 'retry':
      return retry(state, action.clientMessageId);
    case 'remove':
      return {
        ...state,
        outgoing: state.outgoing.filter(({ clientMessageId }) => clientMessageId !== action.clientMessageId),
      };
    case 'frame':
      return reduceFrame(state, action.frame, action.at);
    case 'backfill':
      return backfill(state, action.messages, action.lastSeq);
    case 'tick':
      return expire(state, action.at);
  }
}

function enqueue(
  state: WidgetState,
  { clientMessageId, text, choiceId, files, replyTo, at }: Extract<Action, { type: 'enqueue' }>,
): WidgetState {
  if (state.outgoing.length >= QUEUE_LIMIT) return state;
  const item: Outgoing = {
    clientMessageId,
    text,
    choiceId,
    files,
    replyTo,
    createdAt: at,
    phase: 'waiting',
    acked: false,
  };
  return reopen({ ...state, outgoing: [...state.outgoing, item] });
}

/** A failed message goes to the end: what was written after it may have arrived already. */
function retry(state: WidgetState, clientMessageId: string): WidgetState {
  const item = state.outgoing.find((candidate) => candidate.clientMessageId === clientMessageId);
  if (item?.phase !== 'failed') return state;
  const others = state.outgoing.filter((candidate) => candidate !== item);
  return { ...state, outgoing: [...others, { ...withoutUploads(item), phase: 'waiting', failure: undefined }] };
}

/** Without a socket nothing is in flight: whatever was not echoed will be sent again, under the same ids. */
function changeLink(state: WidgetState, link: Link): WidgetState {
  if (link === 'online') return { ...state, link };
  return {
    ...patchRating(state, 'waiting'),
    link,
    typing: undefined,
    agentsPresent: 0,
    outgoing: state.outgoing.map((item) => (item.phase === 'failed' ? item : { ...item, phase: 'waiting' })),
  };
}

/** Another conversation than before (the old one was purged) starts empty, but keeps what the visitor has not got through. */
function changeConversation(state: WidgetState, conversationId: string): WidgetState {
  if (state.conversationId === conversationId) return state;
  if (state.conversationId === undefined) return { ...state, conversationId };
  const { open, visible, link, outgoing } = state;
  const unsent = outgoing.filter(({ acked }) => !acked).map(withoutUploads);
  return { ...INITIAL_STATE, open, visible, link, outgoing: unsent, conversationId };
}

/** What a page of the server leaves out below its last message does not exist (any more): that is no hole. */
function backfill(state: WidgetState, page: readonly Message[], lastSeq: number): WidgetState {
  const contiguousSeq = Math.max(state.contiguousSeq, lastOf(page)?.seq ?? 0);
  return mergeMessages({ ...state, contiguousSeq, knownSeq: Math.max(state.knownSeq, lastSeq) }, page);
}

function expire(state: WidgetState, at: number): WidgetState {
  const { typing } = state;
  return {
    ...state,
    typing: typing && typing.since + TYPING_LIFETIME_MS > at ? typing : undefined,
    drafts: state.drafts.filter(({ touchedAt }) => touchedAt + DRAFT_LIFETIME_MS > at),
  };
}

function markSeen(state: WidgetState): WidgetState {
  const { open, visible, seenSeq, contiguousSeq } = state;
  if (!open || !visible || seenSeq === undefined || seenSeq >= contiguousSeq) return state;
  return { ...state, seenSeq: contiguousSeq };
}
