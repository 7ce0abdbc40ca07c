import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { describeWork, isProof } from '../../../api/edge/proofOfWork.ts';
import { solve } from '../../../widget/transport/proofOfWork.ts';
import { sha256 } from '../../../widget/transport/sha256.ts';

const CHALLENGE = `eyJhbGciOiJIUzI1NiJ9.${'x'.repeat(300)}`;

describe('the proof of work', () => {
  it.each(['', 'abc', 'x'.repeat(55), 'x'.repeat(56), 'x'.repeat(63), 'x'.repeat(64), 'ünïcödé ✓'.repeat(40)])(
    'hashes as everybody does: %s',
    (text) => {
      const own = Buffer.alloc(32);
      sha256(text).forEach((word, index) => own.writeInt32BE(word, index * 4));
      expect(own.toString('hex')).toBe(createHash('sha256').update(text).digest('hex'));
    },
  );

  it('that the widget finds is what the server asks for, of this challenge alone', async () => {
    const proof = await solve(CHALLENGE, describeWork(true));
    expect(isProof(CHALLENGE, proof)).toBe(true);
    expect(isProof(`${CHALLENGE}y`, proof)).toBe(false);
    expect(isProof(CHALLENGE, proof.slice(1))).toBe(false);
    expect(isProof(CHALLENGE, [...proof, 0])).toBe(false);
    expect(isProof(CHALLENGE, proof.toReversed())).toBe(false);
    expect(isProof(CHALLENGE, proof.with(3, (proof[3] ?? 0) + 1))).toBe(false);
    expect(
      isProof(
        CHALLENGE,
        Array.from(proof, () => 0),
      ),
    ).toBe(false);
  });

  it('lets the page go on while it is searched', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    await solve(CHALLENGE, { ...describeWork(true), count: 64 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });
});
