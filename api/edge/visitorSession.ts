import { v7 as uuidv7 } from 'uuid';
import { CodedError } from '../../contracts/errors.ts';
import type { InitRequest, VisitSource } from '../../contracts/webchat.ts';
import type { Session } from '../../db/queries/getSession.ts';
import { insertSession } from '../../db/queries/insertSession.ts';
import type { Site } from '../../db/queries/loadSite.ts';
import { adoptSession } from '../../db/queries/sessions/adoptSession.ts';
import { findVerifiedSession } from '../../db/queries/sessions/findVerifiedSession.ts';
import { saveTraits } from '../../db/queries/sessions/saveTraits.ts';
import type { ApiContext } from '../context.ts';
import type { VerifiedVisitor } from './identities.ts';
import { requireUnrevoked } from './visitor.ts';

type Edge = Pick<ApiContext, 'db' | 'directory' | 'identities' | 'visitorChanged'>;

/** Who asks for a conversation: what the page says, and whom the site's token names, if one came. */
export interface Arrival {
  site: Site;
  conversationId?: string;
  verified?: VerifiedVisitor;
}

/** Whom the site says that this is. Throws `identity_required` where the site wants to know of everyone, or as `verify` does. */
export async function identify(
  { identities }: Edge,
  site: Site,
  identity: string | undefined,
): Promise<VerifiedVisitor | undefined> {
  if (identity !== undefined) return identities.verify(site, identity);
  if (!site.identity?.required) return undefined;
  throw new CodedError('identity_required', 'This site takes only visitors that it names.');
}

/**
 * The conversation that is the arriving visitor's already: a verified user's own (or the one just held as a stranger, which then
 * becomes the user's), else the one whose id the page kept. A verified user's is nobody's who brings only its id.
 */
export async function findOwnSession(
  api: Edge,
  { site, conversationId, verified }: Arrival,
): Promise<Session | undefined> {
  if (!verified) return conversationId === undefined ? undefined : findStrangersSession(api, site, conversationId);
  const user = { tenantId: site.tenantId, siteId: site.siteId, verifiedUserId: verified.userId };
  const known = await findVerifiedSession(api.db, user);
  if (known) requireUnrevoked(known);
  if (known || conversationId === undefined) return known;
  const adopted = await adoptSession(api.db, user, conversationId);
  if (adopted) {
    api.directory.remember(adopted);
    api.visitorChanged(adopted);
  }
  // Another device may have come first.
  return adopted ?? findVerifiedSession(api.db, user);
}

async function findStrangersSession(api: Edge, site: Site, conversationId: string): Promise<Session | undefined> {
  const session = await findSession(api, site, conversationId);
  return session?.verifiedUserId || session?.revokedAt ? undefined : session;
}

/** A session of this site, whoever's it is; undefined when it is unknown or erased. */
export async function findSession(
  { directory }: Pick<Edge, 'directory'>,
  { tenantId, siteId }: Site,
  conversationId: string,
): Promise<Session | undefined> {
  try {
    const session = await directory.session({ tenantId, conversationId });
    return session.siteId === siteId ? session : undefined;
  } catch (error) {
    if (error instanceof CodedError && error.code === 'conversation_not_found') return undefined;
    throw error;
  }
}

/** What a new session is opened with beside who it is for. */
export interface Opening {
  externalSessionId?: string;
  visitorName?: string;
  source: VisitSource;
}

/**
 * A session for a visitor who has none here: a new one, or the one that the site's own name for the visitor finds. Of several
 * devices that come at once with the same name or user, all get the same. Throws `session_revoked`.
 */
export async function openSession(api: Edge, { site, verified }: Arrival, opening: Opening): Promise<Session> {
  const { externalSessionId, visitorName, source } = opening;
  const visitor = { tenantId: site.tenantId, siteId: site.siteId, visitorName: verified?.name ?? visitorName, source };
  // Whoever knows a stranger's conversation id may read it: random, not only unique.
  const conversationId = uuidv7();
  // A verified user's session has no other name: one that could be guessed must not lead to it.
  const name = verified ? { verifiedUserId: verified.userId } : { externalSessionId };
  const session = await insertSession(api.db, { ...visitor, ...name, conversationId });
  requireUnrevoked(session);
  api.directory.remember(session);
  return session;
}

/**
 * Keeps what the site says of its visitor: the signed word where there is one, else the unsigned, marked as such. True when it
 * is something new.
 */
export async function keepTraits(
  { db }: Pick<Edge, 'db'>,
  session: Session,
  { traits, verified }: Pick<InitRequest, 'traits'> & Pick<Arrival, 'verified'>,
): Promise<boolean> {
  if (verified?.traits) return saveTraits(db, session, { traits: verified.traits, verified: true });
  return traits ? saveTraits(db, session, { traits, verified: false }) : false;
}
