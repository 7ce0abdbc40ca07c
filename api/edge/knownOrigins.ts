import type { Environment } from '../../contracts/tenantSettings.ts';
import type { Db } from '../../db/createDb.ts';
import { isKnownOrigin } from '../../db/queries/isKnownOrigin.ts';

const FRESH_MS = 5_000;
const MAX_KNOWN = 10_000;
const MAX_UNKNOWN = 1_000;
/** Whoever makes up origins keeps the database no busier than this, and a real one waits for its turn; what is known does not. */
const LANES = 8;
const MAX_WAITING = 500;
const PATIENCE_MS = 2_000;
const MAX_LENGTH = 255;

/** The origins that may embed some site. A preflight names no site, so this is all that its answer can go by. */
export interface KnownOrigins {
  /** Never rejects: an origin that cannot be looked up now is not known. */
  has(origin: string): Promise<boolean>;
}

interface KnownOriginsOptions {
  db: Db;
  environment: Environment;
  /** The installation's own list; `*` knows every origin. */
  installation: readonly string[];
}

export function createKnownOrigins({ db, environment, installation }: KnownOriginsOptions): KnownOrigins {
  // Kept apart, so that made-up origins drive out none that is real. Each with the time until which it is not asked for again.
  const known = new Map<string, number>();
  const unknown = new Map<string, number>();
  const lanes = Array.from({ length: LANES }, () => Promise.resolve(false));
  const waiting = new Map<string, Promise<boolean>>();
  let turn = 0;

  async function lookUp(origin: string): Promise<boolean> {
    try {
      const found = await isKnownOrigin(db, origin, environment);
      remember(found ? known : unknown, origin, found ? MAX_KNOWN : MAX_UNKNOWN);
      (found ? unknown : known).delete(origin);
      return found;
    } catch {
      return false;
    } finally {
      waiting.delete(origin);
    }
  }

  /** One look-up an origin, however many pages of it come at once. */
  function lookUpInTurn(origin: string): Promise<boolean> {
    const present = waiting.get(origin);
    if (present) return present;
    if (waiting.size >= MAX_WAITING || origin.length > MAX_LENGTH) return Promise.resolve(false);
    turn = (turn + 1) % LANES;
    const found = (lanes[turn] ?? Promise.resolve()).then(() => lookUp(origin));
    lanes[turn] = found;
    waiting.set(origin, found);
    return found;
  }

  return {
    async has(origin) {
      if (installation.includes('*') || installation.includes(origin)) return true;
      const now = Date.now();
      const freshUntil = known.get(origin);
      if (freshUntil === undefined) return (unknown.get(origin) ?? 0) > now ? false : orNot(lookUpInTurn(origin));
      // Nobody waits for it: what its site allows is checked again by whoever answers.
      if (freshUntil <= now) void lookUpInTurn(origin);
      return true;
    },
  };
}

/** What is not found in time is not known now. */
async function orNot(found: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS);
  });
  try {
    return await Promise.race([found, late]);
  } finally {
    clearTimeout(timer);
  }
}

function remember(origins: Map<string, number>, origin: string, limit: number): void {
  origins.delete(origin);
  origins.set(origin, Date.now() + FRESH_MS);
  const [oldest] = origins.keys();
  if (origins.size > limit && oldest !== undefined) origins.delete(oldest);
}
