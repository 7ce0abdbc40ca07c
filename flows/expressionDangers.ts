import type { ASTNode } from '@marcbachmann/cel-js';
import { patternDanger } from './patternDanger.ts';

const LOOPS = ['all', 'exists', 'exists_one', 'filter'];
/** They build values that grow with every use, and no flow variable can hold a list anyway. */
const REFUSED = ['map', 'bind'];

/** Reasons why an expression may run too long: loops in loops, growing values, patterns. */
export function expressionDangers(root: ASTNode): string[] {
  const dangers: string[] = [];
  visit(root, false, dangers);
  return dangers;
}

function visit(node: ASTNode, insideLoop: boolean, dangers: string[]): void {
  let loops = false;
  if (node.op === 'rcall') {
    const [name, , parameters] = node.args;
    loops = LOOPS.includes(name);
    if (loops && insideLoop) dangers.push(`"${name}" must not stand inside another loop`);
    if (REFUSED.includes(name)) dangers.push(`"${name}" is not allowed`);
    if (name === 'matches') dangers.push(...matchesDanger(parameters[0]));
  }
  for (const child of childrenOf(node.args)) visit(child, insideLoop || loops, dangers);
}

function matchesDanger(pattern: ASTNode | undefined): string[] {
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string') return ['"matches" needs a literal pattern'];
  const danger = patternDanger(pattern.args, '');
  return danger === undefined ? [] : [danger];
}

function childrenOf(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf);
  return isNode(args) ? [args] : [];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}
