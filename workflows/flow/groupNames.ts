/** Names of a pattern's named groups, each of which becomes a variable of the flow. */
export function groupNames(pattern: string): string[] {
  return [...pattern.matchAll(/\(\?<([A-Za-z]\w*)>/g)].flatMap((match) => match[1] ?? []);
}
