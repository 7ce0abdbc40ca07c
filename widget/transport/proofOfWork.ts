import type { ProofOfWork } from '../../contracts/proofOfWork.ts';
import { begin, compress, sha256 } from './sha256.ts';

/** Half a frame: the page goes on drawing and scrolling between two slices. */
const SLICE_MS = 8;
/** The clock is looked at after so many hashes. */
const BATCH = 256;
const SEED_WORDS = 8;
/** Used again for every guess: 65,536 small arrays would keep a phone's collector busy. */
const state = new Int32Array(8);

/**
 * Finds the numbers that contracts/proofOfWork.ts describes. In slices on the page's own thread: a page's policy may forbid
 * workers (`worker-src`), and would then shut its visitors out of the chat.
 */
export async function solve(challenge: string, { difficulty, count }: ProofOfWork): Promise<number[]> {
  const block = new Int32Array(16);
  block.set(sha256(challenge));
  // After seed, index and number: the end mark, and the length of 40 bytes in bits.
  block[10] = 0x80000000;
  block[15] = 320;
  const numbers: number[] = [];
  let sliceEnd = performance.now() + SLICE_MS;
  for (let index = 0; index < count; index += 1) {
    block[SEED_WORDS] = index;
    for (let from = 0; numbers.length === index; from += BATCH) {
      const found = search(block, difficulty, from);
      if (found !== undefined) numbers.push(found);
      if (performance.now() < sliceEnd) continue;
      await nextTask();
      sliceEnd = performance.now() + SLICE_MS;
    }
  }
  return numbers;
}

function search(block: Int32Array, difficulty: number, from: number): number | undefined {
  for (let number = from; number < from + BATCH; number += 1) {
    block[SEED_WORDS + 1] = number;
    begin(state);
    compress(state, block);
    if (Math.clz32(state[0] ?? 0) >= difficulty) return number;
  }
  return undefined;
}

/** Unlike a timer, a message is not held back in a page that lies in the background. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
