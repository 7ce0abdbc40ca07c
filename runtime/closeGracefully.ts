import closeWithGrace from 'close-with-grace';

/** npm hands a Ctrl-C on to a program that the terminal has told already: within this time two signals are one. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Calls `close` at the first signal or at an error that nobody handled (given then), and ends the process when it is done or
 * after `withinMs`; at once at a second signal.
 */
export function closeGracefully(withinMs: number, close: (error?: Error) => Promise<void>): void {
  closeWithGrace({ delay: withinMs, logger: false }, async ({ err, signal }) => {
    if (signal) forgiveRepeat(signal);
    await close(err);
  });
}

function forgiveRepeat(signal: NodeJS.Signals): void {
  const listeners = process.rawListeners(signal) as NodeJS.SignalsListener[];
  const ignore = () => {};
  process.removeAllListeners(signal).on(signal, ignore);
  const restore = () => {
    for (const listener of listeners) process.on(signal, listener);
    process.off(signal, ignore);
  };
  setTimeout(restore, SAME_SIGNAL_MS).unref();
}
