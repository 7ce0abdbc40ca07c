import { randomUUID } from 'node:crypto';
import { agentCommandSignal } from '../../workflows/conversation/messages.ts';
import type { Conversation } from './conversationHarness.ts';
import { agent } from './fixtures.ts';
import { until } from './until.ts';

/**
 * Has everything that `send` signals decided in one turn: the turn of a note is held while it is being recorded, and what comes
 * meanwhile waits. The note must have got that far first, else its own turn could take the first of the signals along.
 */
export async function inOneTurn({ handle, recorder }: Conversation, send: () => Promise<void>): Promise<void> {
  const { opened, open } = recorder.gate();
  let held = false;
  recorder.beforeRecord = ({ notes }) => {
    held ||= notes.length > 0;
    return held ? opened : undefined;
  };
  await handle.signal(agentCommandSignal, {
    key: `tg:${randomUUID()}`,
    agent,
    command: { name: 'note', text: 'Wait' },
  });
  await until(() => held, 'a turn that is being recorded');
  await send();
  recorder.beforeRecord = () => undefined;
  open();
}
