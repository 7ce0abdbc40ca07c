/** FIPS 180-4. `crypto.subtle` is asynchronous at every hash, and absent where the page is not served by https. */
const BLOCK_WORDS = 16;

/** The first 32 bits of the fractional part: of square roots for the state, of cube roots for the rounds. */
const fraction = (value: number) => ((value - Math.floor(value)) * 2 ** 32) | 0;

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < count; candidate += 1) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return primes;
}

const PRIMES = firstPrimes(64);
const ROUNDS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const INITIAL = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const schedule = new Int32Array(64);

/** Sets a state of eight words to what a hash begins with. */
export function begin(state: Int32Array): void {
  state.set(INITIAL);
}

/** Takes the 16 words of a block into the state. */
export function compress(state: Int32Array, block: ArrayLike<number>): void {
  const w = schedule;
  for (let i = 0; i < 16; i += 1) w[i] = at(block, i);
  for (let i = 16; i < 64; i += 1) {
    const x = at(w, i - 15);
    const y = at(w, i - 2);
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (at(w, i - 16) + s0 + at(w, i - 7) + s1) | 0;
  }
  let a = at(state, 0);
  let b = at(state, 1);
  let c = at(state, 2);
  let d = at(state, 3);
  let e = at(state, 4);
  let f = at(state, 5);
  let g = at(state, 6);
  let h = at(state, 7);
  for (let i = 0; i < 64; i += 1) {
    const S1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + S1 + ((e & f) ^ (~e & g)) + at(ROUNDS, i) + at(w, i)) | 0;
    const S0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (S0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = at(state, 0) + a;
  state[1] = at(state, 1) + b;
  state[2] = at(state, 2) + c;
  state[3] = at(state, 3) + d;
  state[4] = at(state, 4) + e;
  state[5] = at(state, 5) + f;
  state[6] = at(state, 6) + g;
  state[7] = at(state, 7) + h;
}

/** SHA-256 of a text in UTF-8, as eight words. */
export function sha256(text: string): Int32Array {
  const bytes = new TextEncoder().encode(text);
  const blocks = Math.floor((bytes.length + 8) / 64) + 1;
  const words = new Int32Array(blocks * BLOCK_WORDS);
  bytes.forEach((byte, i) => {
    words[i >> 2] = at(words, i >> 2) | (byte << (24 - (i % 4) * 8));
  });
  words[bytes.length >> 2] = at(words, bytes.length >> 2) | (0x80 << (24 - (bytes.length % 4) * 8));
  words[words.length - 1] = bytes.length * 8;
  const state = INITIAL.slice();
  for (let start = 0; start < words.length; start += BLOCK_WORDS) compress(state, words.subarray(start));
  return state;
}

/** An index that is known to be inside. */
function at(words: ArrayLike<number>, index: number): number {
  return words[index] ?? 0;
}
