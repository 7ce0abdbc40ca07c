import type { ASTNode } from '@marcbachmann/cel-js';

const LOOPS = ['all', 'exists', 'exists_one', 'filter'];
/** `map` and `bind` build values that grow with every use; patterns belong in triggers and inputs, where they are judged. */
const REFUSED = ['map', 'bind', 'matches'];

/** Reasons why an expression may run too long: loops in loops, growing values, patterns. */
export function expressionDangers(root: ASTNode): string[] {
  const dangers: string[] = [];
  visit(root, false, dangers);
  return dangers;
}

function visit(node: ASTNode, insideLoop: boolean, dangers: string[]): void {
  let loops = false;
  if (node.op === 'rcall') {
    const [name] = node.args;
    loops = LOOPS.includes(name);
    if (loops && insideLoop) dangers.push(`"${name}" must not stand inside another loop`);
    if (REFUSED.includes(name)) dangers.push(`"${name}" is not allowed`);
  }
  for (const child of childrenOf(node.args)) visit(child, insideLoop || loops, dangers);
}

function childrenOf(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf);
  return isNode(args) ? [args] : [];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}
