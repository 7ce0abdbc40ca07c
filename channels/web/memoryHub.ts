import type { ServerFrame } from '../../contracts/frames.ts';
import type { Revocation } from '../../contracts/revocation.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import { framesChannel, type Hub } from './hub.ts';

type Listener = (frames: ServerFrame[]) => void;

/** The hub of an installation that is one process: API and worker share the object. It never loses a frame. */
export function createMemoryHub(): Hub {
  const listeners = new Map<string, Set<Listener>>();
  const revocationListeners = new Set<(revocation: Revocation) => void>();
  const channelOf = (ref: ConversationRef) => framesChannel('memory', ref);

  return {
    connected: true,
    async publish(ref, frames) {
      const present = listeners.get(channelOf(ref));
      if (!present) return;
      // A copy for each, as over a network: what one listener does to its frames is nobody else's.
      for (const listener of [...present]) listener(structuredClone([...frames]));
    },
    async subscribe(ref, onFrames) {
      const channel = channelOf(ref);
      const present = listeners.get(channel) ?? new Set();
      listeners.set(channel, present.add(onFrames));
      return async () => {
        present.delete(onFrames);
        if (present.size === 0 && listeners.get(channel) === present) listeners.delete(channel);
      };
    },
    async announceRevocation(revocation) {
      for (const listener of [...revocationListeners]) listener(revocation);
    },
    async onRevocation(listener) {
      revocationListeners.add(listener);
      return async () => void revocationListeners.delete(listener);
    },
    onGap: () => () => {},
    async close() {
      listeners.clear();
      revocationListeners.clear();
    },
  };
}
