import { z } from 'zod';

/**
 * Work that a visitor's browser does to begin a conversation. For each puzzle i of `count` it finds a whole number n < 2^32 such
 * that SHA-256(seed ‖ i ‖ n) begins with `difficulty` zero bits; seed is SHA-256 of the challenge's text (UTF-8), i and n have
 * four bytes each, big-endian. Many small puzzles take an even time; one large one is a lottery.
 */
export const proofOfWorkSchema = z.object({
  algorithm: z.literal('SHA-256'),
  difficulty: z.int().min(0).max(32),
  count: z.int().min(0).max(64),
  /** `init` will ask for it; else it may, with `pow_required`. */
  required: z.boolean(),
});
export type ProofOfWork = z.infer<typeof proofOfWorkSchema>;

/** The numbers found, in the order of the puzzles. */
export const proofSchema = z
  .array(
    z
      .int()
      .min(0)
      .max(2 ** 32 - 1),
  )
  .max(64);
