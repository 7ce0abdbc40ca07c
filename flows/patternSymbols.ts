import type { AST } from '@eslint-community/regexpp';

/**
 * What stands at one place of a text, as bits: each ASCII character, three kinds of other characters, the text's end, and
 * "nothing is asked any more". Two sets without a common bit can never both go on at the same place.
 */
export type Symbols = bigint;

/** Other characters are told apart only as far as `\s` and `\w` do; 17F and 212A are case variants of `s` and `k`. */
const OTHER_SAMPLES = ['\u00a0', '\u017f', '\u2603'];
const SAMPLES = [...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)), ...OTHER_SAMPLES].join('');
const OTHERS: Symbols = 0b111n << 128n;

export const TEXT_END: Symbols = 1n << 131n;
/** The match is complete: whatever follows, nothing is tried again. */
export const MATCHED: Symbols = 1n << 132n;
export const ANYTHING: Symbols = (1n << 132n) - 1n;

/** The characters that a character, class or set matches with the flags `iu`; rather too many than too few. */
export function symbolsOf(
  node: AST.Character | AST.CharacterClass | AST.CharacterSet | AST.ExpressionCharacterClass,
): Symbols {
  let symbols = 0n;
  for (const { index } of SAMPLES.matchAll(new RegExp(node.raw, 'giu'))) symbols |= 1n << BigInt(index);
  return namesOnlyAscii(node) ? symbols : symbols | OTHERS;
}

/** Whether the samples say all: a character beyond ASCII or a property could match others than the sampled ones. */
function namesOnlyAscii(node: AST.Node): boolean {
  switch (node.type) {
    case 'Character':
      return node.value < 128;
    case 'CharacterClassRange':
      return node.max.value < 128;
    case 'CharacterSet':
      return node.kind === 'digit' || node.kind === 'space' || node.kind === 'word' || node.kind === 'any';
    case 'CharacterClass':
      return node.elements.every(namesOnlyAscii);
    default:
      return false;
  }
}
