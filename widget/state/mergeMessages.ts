import type { Message } from '../../contracts/message.ts';
import { lastOf } from './lastOf.ts';
import type { WidgetState } from './types.ts';

/** Puts messages in their places by seq: known ids are dropped, optimistic sends and drafts give way to what they became. */
export function mergeMessages(state: WidgetState, incoming: readonly Message[]): WidgetState {
  const known = new Set(state.messages.flatMap(identities));
  const fresh = incoming.filter((message) => {
    const ids = identities(message);
    const isNew = !ids.some((id) => known.has(id));
    for (const id of ids) known.add(id);
    return isNew;
  });
  if (fresh.length === 0) return state;
  const messages = [...state.messages, ...fresh].sort((a, b) => a.seq - b.seq);
  const echoed = new Set(fresh.map(({ clientMessageId }) => clientMessageId));
  const answered = fresh.some(({ direction }) => direction === 'OUTBOUND');
  return {
    ...state,
    messages,
    contiguousSeq: contiguousFrom(state.contiguousSeq, messages),
    knownSeq: Math.max(state.knownSeq, lastOf(messages)?.seq ?? 0),
    outgoing: state.outgoing.filter(({ clientMessageId }) => !echoed.has(clientMessageId)),
    drafts: state.drafts.filter(({ id }) => !known.has(id)),
    typing: answered ? undefined : state.typing,
    agent: lastAgentName(fresh) ?? state.agent,
  };
}

function identities({ id, clientMessageId }: Message): string[] {
  return clientMessageId ? [id, clientMessageId] : [id];
}

function contiguousFrom(start: number, messages: readonly Message[]): number {
  let end = start;
  for (const { seq } of messages) if (seq === end + 1) end = seq;
  return end;
}

function lastAgentName(messages: readonly Message[]): string | undefined {
  return lastOf(messages.filter(({ author }) => author.kind === 'agent'))?.author.name;
}
