import type { Store } from '../state/store.ts';
import { createAccountControl } from './controlAccounts.ts';
import { createFaultControl } from './controlFaults.ts';
import type { ControlParts } from './controlParts.ts';
import { createPostControl } from './controlPosts.ts';
import { createTopicControl } from './controlTopics.ts';
import { createViewControl } from './controlViews.ts';
import type { EmulatorControl } from './emulatorControl.ts';

type Handler = (input: never) => Promise<unknown>;

/** Each call changes state in its synchronous part, which becomes one transaction. */
function inTransactions<T extends object>(store: Store, handlers: T): T {
  const wrapped = Object.entries(handlers as Record<string, Handler>).map(([name, handle]) => [
    name,
    (input: never) => store.transaction(() => handle(input)),
  ]);
  return Object.fromEntries(wrapped) as T;
}

export function createControl(parts: ControlParts): EmulatorControl {
  return inTransactions(parts.store, {
    ...createAccountControl(parts),
    ...createPostControl(parts),
    ...createTopicControl(parts),
    ...createViewControl(parts),
    ...createFaultControl(parts),
  });
}
