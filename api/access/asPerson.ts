import type { PersonPrincipal, Principal } from './principal.ts';

/** The person who calls a route that is for people alone. */
export function asPerson(principal: Principal): PersonPrincipal {
  if (principal.kind !== 'person') throw new Error('The route is for people alone');
  return principal;
}
