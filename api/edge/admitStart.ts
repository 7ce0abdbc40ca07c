import { CodedError } from '../../contracts/errors.ts';
import type { Site } from '../../db/queries/loadSite.ts';
import type { ApiContext } from '../context.ts';
import { ipSubject } from '../limits/ipSubject.ts';
import { isProof } from './proofOfWork.ts';

/** Nobody reads a launcher, moves to it and presses it within this; a program, or a page that opens the chat by itself, does. */
const QUICK_MS = 700;
/** With the work done, whoever is asked for it may come again at once. */
const AT_ONCE = { retryAfterSeconds: 0 };

export interface Start {
  site: Site;
  /** The visitor's address. */
  ip: string;
  /** The challenge that was used up for it; a start of the old contract has none. */
  challenge?: { text: string; issuedAt: Date };
  /** What the visitor's browser found. */
  proof?: readonly number[];
}

type Guard = Pick<ApiContext, 'limits' | 'metrics'>;

/** Lets a new conversation begin. Throws `pow_required`, `pow_invalid` or `rate_limited`. */
export async function admitStart(api: Guard, start: Start): Promise<void> {
  const { site, ip } = start;
  await requireWork(api, start);
  const { startsPerMinutePerIp } = site.tenant.settings.limits;
  await api.limits.consume('ip.start', `${site.tenantId}/${ipSubject(ip)}`, { limit: startsPerMinutePerIp });
  await api.limits.consume('tenant.start', site.tenantId);
}

/** Whether whoever reads the site's config now will have to pay for a start, as far as can be told before it comes. */
export function isUnderAttack({ limits }: Pick<Guard, 'limits'>, { siteId, protection, tenant }: Site): boolean {
  return protection === 'under_attack' || tenant.flags.proofOfWork || limits.isOver('site.start', siteId);
}

async function requireWork(api: Guard, { site, ip, challenge, proof }: Start): Promise<void> {
  const [isFlood, isHasty] = await Promise.all([
    api.limits.exceeds('site.start', site.siteId),
    isQuick(challenge) && api.limits.exceeds('ip.quickStart', ipSubject(ip)),
  ]);
  if (proof && challenge) return requireProof(api, challenge.text, proof);
  if (!isFlood && !isHasty && !isUnderAttack(api, site)) return;
  api.metrics.proofsOfWork.inc({ outcome: 'required' });
  throw new CodedError('pow_required', 'Read the config again and solve its proof of work.', AT_ONCE);
}

function requireProof({ metrics }: Guard, challenge: string, proof: readonly number[]): void {
  const isRight = isProof(challenge, proof);
  metrics.proofsOfWork.inc({ outcome: isRight ? 'solved' : 'invalid' });
  if (!isRight) throw new CodedError('pow_invalid', 'The proof of work does not solve this challenge.', AT_ONCE);
}

function isQuick(challenge: Start['challenge']): boolean {
  return challenge !== undefined && Date.now() - challenge.issuedAt.getTime() < QUICK_MS;
}
