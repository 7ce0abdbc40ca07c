import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError } from '../../db/databaseError.ts';
import type { EmulatorControl } from '../../dev/telegram/control/emulatorControl.ts';
import { markOf } from './scenario.ts';

const AGENT_MESSAGES = 3;
const POLL_MS = 500;

export interface AgentOptions {
  control: EmulatorControl;
  conversation: number;
  /** The conversation's topic, once it has one. */
  findTopic(): Promise<number | undefined>;
  pauseMs: number;
  signal: AbortSignal;
}

/**
 * A person who writes in the topic of a conversation, and so takes it over. Gives the texts of what was written, each exactly
 * once however often the emulator dies over it.
 */
export async function answerInTopic({ control, conversation, findTopic, pauseMs, signal }: AgentOptions) {
  const written: string[] = [];
  const threadId = await eventually(signal, findTopic);
  for (let number = 0; number < AGENT_MESSAGES; number++) {
    const text = `A person answers ${markOf('a', conversation, number)}`;
    await eventually(signal, async () => {
      const listed = await control.listMessages({ threadId });
      if (!listed.some(({ message }) => message.text === text)) await control.postMessage({ threadId, text });
      return true;
    });
    written.push(text);
    await sleep(pauseMs, undefined, { signal });
  }
  return written;
}

/** Tries until there is an answer; a server that is away means "not yet". */
async function eventually<T>(signal: AbortSignal, attempt: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const result = await attempt().catch(passOver);
    if (result !== undefined) return result;
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** `fetch` throws a TypeError when there is no answer. */
function passOver(error: unknown): undefined {
  if (!(error instanceof TypeError) && !(error instanceof DatabaseError)) throw error;
}
