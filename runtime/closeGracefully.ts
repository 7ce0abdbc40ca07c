import closeWithGrace from 'close-with-grace';

/** npm hands a Ctrl-C on to a program that the terminal has told already: within this time two signals are one. */
const SAME_SIGNAL_MS = 1_000;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** A signal without any listener ends the process at once, be it for the moment in which one listener replaces another. */
const hold = () => {};

/**
 * Calls `close` at the first signal or at an error that nobody handled (given then), and ends the process when it is done or
 * after `withinMs`; at once at a second signal.
 */
export function closeGracefully(withinMs: number, close: (error?: Error) => Promise<void>): void {
  for (const signal of SIGNALS) process.on(signal, hold);
  closeWithGrace({ delay: withinMs, logger: false }, async ({ err, signal }) => {
    if (signal) forgiveRepeat(signal);
    await close(err);
  });
}

function forgiveRepeat(signal: NodeJS.Signals): void {
  const listeners = (process.rawListeners(signal) as NodeJS.SignalsListener[]).filter((listener) => listener !== hold);
  for (const listener of listeners) process.off(signal, listener);
  const restore = () => {
    for (const listener of listeners) process.on(signal, listener);
  };
  setTimeout(restore, SAME_SIGNAL_MS).unref();
}
