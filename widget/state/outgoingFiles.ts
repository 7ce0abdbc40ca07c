import type { Outgoing, OutgoingFile, WidgetState } from './types.ts';

/** Changes one file of the messages that wait. */
export function patchFile(state: WidgetState, fileId: string, patch: Partial<OutgoingFile>): WidgetState {
  const changed = (file: OutgoingFile) => (file.id === fileId ? { ...file, ...patch } : file);
  return { ...state, outgoing: state.outgoing.map((item) => ({ ...item, files: item.files?.map(changed) })) };
}

/** The message of a file that the server will not take cannot be sent as it is. */
export function refuseFile(state: WidgetState, fileId: string, code: string): WidgetState {
  const holds = ({ files = [] }: Outgoing) => files.some(({ id }) => id === fileId);
  return {
    ...state,
    outgoing: state.outgoing.map((item) => (holds(item) ? { ...item, phase: 'failed', failure: code } : item)),
  };
}

/** The server may not have the files any more, or has them for another conversation: they are sent again. */
export function withoutUploads(item: Outgoing): Outgoing {
  return { ...item, files: item.files?.map((file) => ({ ...file, progress: 0, uploaded: false })) };
}
