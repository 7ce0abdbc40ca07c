import { isAtLeast } from '../../../contracts/access.ts';
import type { Random } from '../../chaos/random.ts';
import type { Operation } from '../access/openApi.ts';
import { sampleOf } from '../access/sampleOf.ts';
import { readConfig } from '../support/visitor.ts';
import { hostileBody } from './hostileBody.ts';
import { hostileValue, kindsOfName, kindsOfPath, pick, type Targets } from './places.ts';
import type { Attacker, FuzzWorld } from './startFuzzWorld.ts';

export interface HostileRequest {
  attacker: Attacker;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** Whoever asks it with their own cookie is nobody from then on. */
const SIGN_OUT = '/api/auth/sign-out';
const FITTING = 0.85;
const FOREIGN_HEADER = 0.15;
const FRESH_CHALLENGE = 0.6;
const OPTIONAL = 0.5;

/** Somebody of one tenant asks a route for what is another tenant's, in one of the ways in which that can be put. */
export async function hostileRequest(world: FuzzWorld, operation: Operation, random: Random): Promise<HostileRequest> {
  const attacker = anyAttacker(world, operation, random);
  const targets: Targets = { theirs: world.victim.known, own: attacker.spare };
  const given: Record<string, unknown> = {};
  const text = JSON.stringify(operation.body ?? {});
  // Used once, so that it must be a fresh one to get any further.
  if (text.includes('"challenge"') && random.chance(FRESH_CHALLENGE)) {
    const { siteKey, origin } = attacker.site;
    Object.assign(given, { siteKey, challenge: (await readConfig(world.url, siteKey, origin)).challenge });
  }
  if (text.includes('"payloads"')) {
    const payloads = random.chance(0.7) ? world.victim.sealed : attacker.sealed;
    Object.assign(given, { payloads });
  }
  const body = operation.body && JSON.stringify(hostileBody(operation.body, random, targets, given));
  return {
    attacker,
    method: operation.method,
    path: pathOf(operation, random, targets) + queryOf(operation, random, targets),
    headers: {
      origin: attacker.site.origin,
      ...(operation.path === SIGN_OUT ? {} : attacker.headers),
      ...(random.chance(FOREIGN_HEADER) ? { 'parley-tenant': headerValue(random, targets) } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body,
  };
}

/** Mostly somebody whom the route lets in: who is turned away at the door tells nothing of what is behind it. */
function anyAttacker({ attackers }: FuzzWorld, { access }: Operation, random: Random): Attacker {
  const fitting = attackers.filter(({ kind, role }) => {
    if (typeof access !== 'object') return access !== 'visitor' || kind === 'visitor';
    if (!('scope' in access)) return kind === 'person';
    return kind === 'program' || (role !== undefined && isAtLeast(role, access.role));
  });
  return pick(random, random.chance(FITTING) ? fitting : attackers);
}

function pathOf({ path, pathParameters }: Operation, random: Random, targets: Targets): string {
  let filled = path;
  for (const { name, schema } of pathParameters) {
    const marker = `{${name}}`;
    const before = path.slice(0, path.indexOf(marker) - 1);
    // What the API itself lives by stays as it is.
    const isChoice = schema.enum !== undefined;
    const value = isChoice ? 'staging' : hostileValue(random, kindsOfPath(before), targets);
    filled = filled.replace(marker, encodeURIComponent(value));
  }
  return filled;
}

function queryOf({ queryParameters }: Operation, random: Random, targets: Targets): string {
  const named = queryParameters.filter(({ required }) => required || random.chance(OPTIONAL));
  const values = named.map(({ name, schema }) => {
    const kinds = kindsOfName(name);
    return [
      name,
      kinds && schema.type === 'string'
        ? hostileValue(random, kinds, targets)
        : String(schema.default ?? sampleOf(schema)),
    ];
  });
  return values.length === 0 ? '' : `?${new URLSearchParams(values).toString()}`;
}

/** As a header may hold it. */
function headerValue(random: Random, targets: Targets): string {
  return encodeURI(hostileValue(random, ['tenantId'], targets)).trim();
}
