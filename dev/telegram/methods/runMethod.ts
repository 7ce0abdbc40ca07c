import type { Call, Emulator } from '../emulator.ts';
import type { Parameters } from '../http/parameters.ts';
import type { BotRecord } from '../state/records.ts';
import { TelegramError } from '../telegramError.ts';
import { methods } from './methods.ts';

/** Methods whose calls are kept in the write log. */
const logged = /^(send|edit|create|close.+|reopen|delete(Message|Forum)|pin|unpin|copy|forward|setMessage|leave)/;

let lastSeq = 0;

/** A number for the next line of the write log, higher than all before a restart too. */
function nextSeq(emulator: Emulator): number {
  if (lastSeq === 0) for (const call of emulator.store.all('call')) lastSeq = Math.max(lastSeq, call.seq);
  lastSeq += 1;
  return lastSeq;
}

export function makeCall(emulator: Emulator, bot: BotRecord, parameters: Parameters): Call {
  return { emulator, store: emulator.store, bot, parameters, note: { cost: 0 } };
}

/** Adds a line to the write log, for a call that was done or refused. */
export function logCall(call: Call, method: string, error?: TelegramError): void {
  if (!logged.test(method)) return;
  const { emulator, bot, note, parameters } = call;
  const chatId = note.chatId ?? parameters.optionalInteger('chat_id');
  const threadId = note.threadId ?? parameters.optionalInteger('message_thread_id');
  emulator.store.put('call', {
    seq: nextSeq(emulator),
    at: Date.now(),
    botId: bot.id,
    method,
    ...(chatId !== undefined && { chatId }),
    ...(threadId !== undefined && { threadId }),
    ...(note.messageId !== undefined && { messageId: note.messageId }),
    cost: note.cost,
    ...(error && { errorCode: error.code, description: error.message }),
  });
}

/** Runs a method in one transaction, its line in the write log included. Throws TelegramError. */
export function runMethod(emulator: Emulator, bot: BotRecord, method: string, parameters: Parameters): unknown {
  const run = methods[method];
  if (!run) throw new TelegramError(404, 'Not Found: method not found');
  const call = makeCall(emulator, bot, parameters);
  return emulator.store.transaction(() => {
    try {
      const result = run(call);
      logCall(call, method);
      return result;
    } catch (error) {
      if (error instanceof TelegramError) logCall(call, method, error);
      throw error;
    }
  });
}
