import { lastOf } from './lastOf.ts';
import type { Note, WidgetState } from './types.ts';

/** Puts a line below the last message; one that is there already stays alone. */
export function addNote(state: WidgetState, kind: Note['kind'], text: string): WidgetState {
  const afterSeq = lastOf(state.messages)?.seq ?? 0;
  const key = `${kind}:${afterSeq}:${text}`;
  if (state.notes.some((note) => note.key === key)) return state;
  return { ...state, notes: [...state.notes, { key, afterSeq, kind, text }] };
}
