import type { Caller } from './callers.ts';
import { BODIES, bodyFixtures, pathFixture, referencesIn, send, type Target } from './fixtures.ts';
import type { Operation } from './openApi.ts';
import { type Given, type JsonSchema, sampleOf } from './sampleOf.ts';
import type { AccessWorld } from './startWorld.ts';

export type Whose = 'own' | "another tenant's" | 'unknown';

export interface Aim {
  caller: Caller;
  whose: Whose;
  /** Whether the caller may do what they ask for, so does it. */
  allowed: boolean;
}

/** A request of the route, valid but for who asks and what for; what it names is made where it has to exist. */
export async function aim(world: AccessWorld, operation: Operation, { caller, whose, allowed }: Aim): Promise<Target> {
  const tenant = whose === 'own' ? world.own : world.other;
  const isDone = allowed && whose === 'own';
  const isUsedUp = isDone && (operation.method === 'DELETE' || referencesIn(operation).length > 0);
  const whom = isDone ? (caller.headers['cookie'] ?? caller.name) : 'anybody';
  const once = <Made>(what: string, make: () => Promise<Made>) =>
    isUsedUp ? make() : remembered(world, `${what} of ${tenant.tenantId} for ${whom}`, make);
  let { path } = operation;
  for (const { name, schema } of operation.pathParameters) {
    const marker = `{${name}}`;
    const upTo = operation.path.slice(0, operation.path.indexOf(marker) + marker.length);
    const isMade = whose !== 'unknown' && !isChoice(schema);
    const value = isMade ? await once(upTo, () => pathFixture(world, upTo, tenant, caller)) : sampleOf(schema);
    path = path.replace(marker, encodeURIComponent(String(value)));
  }
  // A platform admin is a member of no tenant, so says which one it is about: in the body, or in the header.
  const naming = caller.name === 'platform admin' ? { tenantId: world.own.tenantId } : {};
  const named =
    whose === 'unknown' ? {} : await once(operation.name, () => bodyFixtures(world, operation, tenant, caller));
  const given: Given = { ...BODIES[operation.name], ...named, ...naming };
  path += queryOf(operation, given);
  if (isDone) await prepare(world, operation);
  const body = operation.body && sampleOf(operation.body, given);
  return { method: operation.method, path, body, ...naming };
}

function queryOf({ queryParameters }: Operation, given: Given): string {
  const needed = queryParameters.filter(({ name, required }) => required || given[name] !== undefined);
  const query = needed.map(({ name, schema }) => [name, String(given[name] ?? sampleOf(schema, given))]);
  return query.length === 0 ? '' : `?${new URLSearchParams(query).toString()}`;
}

/** What there is one of in a tenant, at an address without an id, is there once it was PUT there. */
async function prepare(world: AccessWorld, { method, path }: Operation): Promise<void> {
  const put = world.operations.find(({ name }) => name === `PUT ${path}`);
  if (!put?.body || method === 'PUT' || put.pathParameters.length > 0) return;
  const body = sampleOf(put.body, BODIES[put.name]);
  await send(world, world.platformAdmin, { method: 'PUT', path, body, tenantId: world.own.tenantId });
}

/** Whether the route's path or body names something that belongs to somebody. */
export function namesSomething(operation: Operation): boolean {
  return operation.pathParameters.some(({ schema }) => !isChoice(schema)) || referencesIn(operation).length > 0;
}

/** A parameter that is one of some words names nothing. */
function isChoice({ enum: words, const: word }: JsonSchema): boolean {
  return words !== undefined || word !== undefined;
}

function remembered<Made>({ made }: AccessWorld, what: string, make: () => Promise<Made>): Promise<Made> {
  const known = made.get(what) as Promise<Made> | undefined;
  if (known) return known;
  const making = make();
  made.set(what, making);
  return making;
}
