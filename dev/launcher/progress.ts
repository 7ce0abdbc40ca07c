/** What the terminal shows while things start: one line a step, with the seconds that it took. */
export async function step<T>(name: string, work: (say: (text: string) => void) => Promise<T>): Promise<T> {
  const start = performance.now();
  const say = (text: string) => console.log(`  … ${name}: ${text}`);
  const slow = setTimeout(() => say('this takes a moment'), 3_000);
  try {
    const result = await work(say);
    console.log(`  ✓ ${name} (${((performance.now() - start) / 1_000).toFixed(1)} s)`);
    return result;
  } finally {
    clearTimeout(slow);
  }
}
