import type { AST } from '@eslint-community/regexpp';
import { ANYTHING, MATCHED, type Symbols, symbolsOf, TEXT_END } from './patternSymbols.ts';

interface Cost {
  /** Steps at most to try the node once in every way. */
  steps: number;
  /** In how many ways at most it matches from one place and lets what follows go on. */
  ways: number;
}

const UNBOUNDED: Cost = { steps: Infinity, ways: Infinity };

/**
 * An upper bound of the steps that a backtracking engine takes to run a pattern over `length` characters; Infinity for
 * back references and look-around, which are not followed.
 *
 * Sequences multiply: each way through a part tries all that follows. A repeat has one way only if what follows begins
 * differently, because with fewer rounds it meets what one more round would have taken. Alternatives likewise.
 */
export function patternCost(pattern: AST.Pattern, length: number): number {
  const { steps } = alternativesCost(pattern.alternatives, MATCHED, length);
  return steps + length * startsThatOverlap(pattern, steps);
}

/** Steps of an attempt that may have to be made anew at every place of the text; 0 where one pass covers all attempts. */
function startsThatOverlap(pattern: AST.Pattern, steps: number): number {
  const [only, ...others] = pattern.alternatives;
  const [first, ...rest] = (only?.elements ?? []).filter(({ type }) => type !== 'Assertion');
  const anchored = pattern.alternatives.every(
    ({ elements: [head] }) => head?.type === 'Assertion' && head.kind === 'start',
  );
  if (anchored) return 0;
  if (others.length > 0 || !first || !isLeaf(first)) return steps;
  // When nothing after the first character can run over another such character, attempts share the text among them.
  const runs = rest.some((element) => (everySymbol(element) & symbolsOf(first)) !== 0n);
  return runs ? steps : 1;
}

function alternativesCost(alternatives: AST.Alternative[], follow: Symbols, length: number): Cost {
  const costs = alternatives.map(({ elements }) => sequenceCost(elements, follow, length));
  const steps = costs.reduce((sum, cost) => sum + cost.steps, 0);
  const ways = costs.map((cost) => cost.ways);
  const begins = alternatives.map(({ elements }) => sequenceBegin(elements, follow));
  const exclusive = begins.every((one, index) => begins.slice(index + 1).every((other) => (one & other) === 0n));
  return { steps, ways: exclusive ? Math.max(...ways) : ways.reduce((sum, count) => sum + count, 0) };
}

function sequenceCost(elements: AST.Element[], follow: Symbols, length: number): Cost {
  let rest: Cost = { steps: 1, ways: 1 };
  let next = follow;
  for (const element of elements.slice().reverse()) {
    const cost = elementCost(element, next, length);
    rest = { steps: cost.steps + cost.ways * rest.steps, ways: cost.ways * rest.ways };
    next = beginOf(element, next);
  }
  return rest;
}

function elementCost(element: AST.Element, follow: Symbols, length: number): Cost {
  switch (element.type) {
    case 'Group':
    case 'CapturingGroup':
      return alternativesCost(element.alternatives, follow, length);
    case 'Quantifier':
      return repeatCost(element, follow, length);
    case 'Backreference':
      return UNBOUNDED;
    case 'Assertion':
      return element.kind === 'lookahead' || element.kind === 'lookbehind' ? UNBOUNDED : { steps: 1, ways: 1 };
    default:
      return { steps: 1, ways: 1 };
  }
}

function repeatCost({ element, min, max }: AST.Quantifier, follow: Symbols, length: number): Cost {
  const rounds = Math.min(max, length);
  const nullable = isNullable(element);
  if (nullable && rounds > 1) return UNBOUNDED;
  const symbols = beginOf(element, 0n);
  const once = elementCost(element, rounds > 1 ? symbols | follow : follow, length);
  const decided = !nullable && (symbols & follow) === 0n;
  if (once.ways === 1)
    return { steps: rounds * once.steps + 1, ways: decided ? 1 : rounds - Math.min(min, rounds) + 1 };
  // Every round has several ways, and each of them its own next round.
  const ways = once.ways ** rounds * 2;
  return { steps: once.steps * ways, ways };
}

type Leaf = Parameters<typeof symbolsOf>[0];

function isLeaf(element: AST.Element): element is Leaf {
  return element.type === 'Character' || element.type === 'CharacterClass' || element.type === 'CharacterSet';
}

/** All that an element may match anywhere within it. */
function everySymbol(element: AST.Element): Symbols {
  switch (element.type) {
    case 'Group':
    case 'CapturingGroup':
      return element.alternatives
        .flatMap(({ elements }) => elements)
        .reduce((all, part) => all | everySymbol(part), 0n);
    case 'Quantifier':
      return everySymbol(element.element);
    default:
      return isLeaf(element) ? symbolsOf(element) : 0n;
  }
}

/** What a place may hold for the element to match there, or, where it can match nothing, for what follows it. */
function beginOf(element: AST.Element, follow: Symbols): Symbols {
  switch (element.type) {
    case 'Group':
    case 'CapturingGroup':
      return element.alternatives.reduce((all, { elements }) => all | sequenceBegin(elements, follow), 0n);
    case 'Quantifier':
      return beginOf(element.element, follow) | (element.min === 0 ? follow : 0n);
    case 'Assertion':
      if (element.kind === 'end') return TEXT_END;
      // It may fail although nothing more is asked, and then everything before it is tried again.
      return (follow & MATCHED) === 0n ? follow : ANYTHING;
    case 'Backreference':
      return ANYTHING;
    default:
      return symbolsOf(element);
  }
}

function sequenceBegin(elements: AST.Element[], follow: Symbols): Symbols {
  return elements.reduceRight((next, element) => beginOf(element, next), follow);
}

function isNullable(element: AST.Element): boolean {
  switch (element.type) {
    case 'Group':
    case 'CapturingGroup':
      return element.alternatives.some(({ elements }) => elements.every(isNullable));
    case 'Quantifier':
      return element.min === 0 || isNullable(element.element);
    case 'Assertion':
    case 'Backreference':
      return true;
    default:
      return false;
  }
}
