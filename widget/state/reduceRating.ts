import type { Closing } from '../../contracts/rating.ts';
import { addNote } from './addNote.ts';
import type { Rating, WidgetState } from './types.ts';

/** The conversation was closed; told again, it is the closing that is known. */
export function close(state: WidgetState): WidgetState {
  return addNote(
    { ...state, closed: true, rating: state.rating ?? { phase: 'asked' }, typing: undefined },
    'closed',
    '',
  );
}

/** The conversation is open. */
export function reopen(state: WidgetState): WidgetState {
  return { ...state, closed: false, rating: undefined };
}

/** How the server says that the conversation stands. What the visitor has written meanwhile opens it again. */
export function meetClosing(state: WidgetState, closed: Closing | null | undefined): WidgetState {
  if (closed === undefined) return state;
  if (closed === null || state.outgoing.some(({ phase }) => phase !== 'failed')) return reopen(state);
  if (closed.rating === null) return close(state);
  return state.rating ? settleRating(close(state)) : close({ ...state, rating: { phase: 'given' } });
}

/** The server has a rating of this closing: the visitor is thanked once. */
export function settleRating(state: WidgetState): WidgetState {
  if (!state.rating || state.rating.phase === 'given') return state;
  return addNote({ ...state, rating: { phase: 'given' } }, 'rated', '');
}

/** A rating that was refused for now is said again; one that was refused for good is not asked for any more. */
export function refuseRating(state: WidgetState, passing: boolean): WidgetState {
  if (passing) return patchRating(state, 'waiting');
  return state.rating?.phase === 'inFlight' ? reopen(state) : state;
}

/** Moves what the visitor chose between being written and waiting for that. */
export function patchRating(state: WidgetState, phase: Extract<Rating, { value: number }>['phase']): WidgetState {
  const { rating } = state;
  return rating && 'value' in rating ? { ...state, rating: { ...rating, phase } } : state;
}
