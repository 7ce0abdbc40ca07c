import { checkSync } from 'recheck/lib/browser.js';

/** A quadratic pattern over `FLOW_LIMITS.matchedLength` characters takes about a millisecond, a cubic one seconds. */
const HARMLESS_DEGREE = 2;
const TIMEOUT_MS = 2_000;

/** Escapes, classes and group openings each as one token; then counted repeats, and every other character by itself. */
const TOKEN = /\\[pPuk][{<][^}>]*[}>]|\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]|<\w+>))?|\{\d+(?:,\d*)?\}|./gsu;
const COUNTED = /^\{(\d+)(,\d*)?\}$/;

/** Alternatives are tried one by one: `(a|a)(a|a)…` doubles with every group, though it never repeats. */
const MOST_ALTERNATIVES = 500;

/** Why a pattern must not run over a visitor's text; undefined when it may. Decided by its automaton, not by trying. */
export function patternDanger(pattern: string, flags: 'iu' | ''): string | undefined {
  try {
    new RegExp(pattern, flags);
  } catch {
    return 'is no valid pattern';
  }
  const tokens = pattern.match(TOKEN) ?? [];
  if (alternatives(tokens) > MOST_ALTERNATIVES) return 'has too many alternatives in sequence';
  const result = checkSync(widenRepeats(tokens), flags, { checker: 'automaton', timeout: TIMEOUT_MS });
  if (result.status === 'unknown') return 'cannot be proved harmless; write it without back references or look-around';
  const { complexity } = result;
  const harmless =
    result.status === 'safe' || (complexity.type === 'polynomial' && complexity.degree <= HARMLESS_DEGREE);
  return harmless ? undefined : `may take ${complexity.type} time on a long text; avoid repeats that overlap`;
}

/** In how many ways the groups' alternatives can be combined. */
function alternatives(tokens: string[]): number {
  let combined = 1;
  const open = [1];
  for (const token of tokens) {
    if (token.startsWith('(')) open.push(1);
    else if (token === '|') open.push((open.pop() ?? 0) + 1);
    else if (token === ')') combined *= open.pop() ?? 1;
  }
  return open.reduce((product, count) => product * count, combined);
}

/**
 * Bounded repeats as endless ones. The theory calls `(a{1,10}){1,10}b` and `a?a?…aa…` harmless, since they match finitely many
 * texts, but they take minutes. A fixed count of one character stays, because it leaves nothing to choose.
 */
function widenRepeats(tokens: string[]): string {
  return tokens.map((token, index) => widen(token, tokens[index - 1] ?? '')).join('');
}

function widen(token: string, previous: string): string {
  if (token === '?') return /^[*+?]$/.test(previous) || COUNTED.test(previous) ? '?' : '*';
  const counted = COUNTED.exec(token);
  if (!counted || (counted[2] === undefined && previous !== ')')) return token;
  return Number(counted[1]) > 0 ? '+' : '*';
}
