/** A promise that is settled from elsewhere. */
export interface Deferred {
  promise: Promise<number>;
  resolve(at: number): void;
  reject(reason: Error): void;
}

export function deferred(): Deferred {
  let resolve: (at: number) => void = () => {};
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<number>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  // Whoever awaits it later still sees the rejection.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
