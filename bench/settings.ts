/** Both paths' workers get the same room. */
export const BENCH_WORKER = { cacheSize: 2_000, databasePoolSize: 10, localActivities: 20 };

export const BARE_TASK_QUEUE = 'bench-bare';

/** A chat line of ordinary length: the text of every message on both paths. */
export const MESSAGE_TEXT = 'Hello, I ordered last week and would like to know where my parcel is.';
