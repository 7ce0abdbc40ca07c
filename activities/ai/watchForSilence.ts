export interface SilenceWatch {
  /** Aborted once nobody was heard for the allowed time, or `outer` was aborted. */
  signal: AbortSignal;
  /** True when it was the silence. */
  readonly silent: boolean;
  /** Something came: count from here, `withinMs` from now on. */
  heard(withinMs: number): void;
  stop(): void;
}

/** Watches a stream that may stall without ending: its first sign of life is due within `withinMs`. */
export function watchForSilence(outer: AbortSignal, withinMs: number): SilenceWatch {
  const silence = new AbortController();
  const arm = (delay: number) => setTimeout(() => silence.abort(), delay);
  let timer = arm(withinMs);
  return {
    signal: AbortSignal.any([outer, silence.signal]),
    get silent() {
      return silence.signal.aborted && !outer.aborted;
    },
    heard(nextWithinMs) {
      clearTimeout(timer);
      timer = arm(nextWithinMs);
    },
    stop() {
      clearTimeout(timer);
    },
  };
}
