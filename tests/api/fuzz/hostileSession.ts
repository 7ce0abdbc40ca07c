import { v7 as uuidv7 } from 'uuid';
import type { Random } from '../../chaos/random.ts';
import { openConversation, request, VisitorClient } from '../support/visitor.ts';
import type { Known } from './fillTenant.ts';
import { hostileValue, pick, type Targets } from './places.ts';
import type { Attacker, FuzzWorld } from './startFuzzWorld.ts';

const FRAMES = 50;
const AGAIN = 0.25;

export interface SessionRecord {
  /** Frames that were sent. */
  frames: number;
  asked: string;
  answered: string;
  /** Whether it was let in with the first frame, so that the others were looked at. */
  letIn: boolean;
}

/** How a socket is opened, and with what for a first frame. */
interface Door {
  path: string;
  headers: Record<string, string>;
  origin: string;
  /** None where the cookie is enough. */
  token?: string;
}

type Doors = (world: FuzzWorld, attacker: Attacker, random: Random) => Promise<Door>;

/** One socket of somebody of another tenant: opened in one of the ways in which that can be put, then a row of frames. */
export async function hostileSession(world: FuzzWorld, random: Random): Promise<SessionRecord> {
  const attacker = pick(random, world.attackers);
  const { path, headers, origin, token } = await pick(random, [
    ownPage,
    ownPage,
    strangePage,
    ownPortal,
    strangePortal,
  ])(world, attacker, random);
  const client = await VisitorClient.connect(world.url, origin, { path, headers });
  const asked = [`${attacker.name}: ${path} from ${origin}`];
  const send = (frame: object) => {
    const text = JSON.stringify(frame);
    asked.push(text);
    client.sendRaw(text);
  };
  if (token !== undefined) send({ type: 'auth', token, since: pick(random, [0, 1, 1_000]) });
  const letIn = await isLetIn(client);
  if (letIn) {
    const targets = { theirs: world.victim.known, own: attacker.spare };
    for (let count = 0; count < FRAMES; count += 1) send(hostileFrame(random, targets));
    send({ type: 'ping' });
    await Promise.race([client.next('pong'), client.closed()]);
  }
  client.leave();
  await client.closed();
  const answered = client.frames.map((frame) => JSON.stringify(frame)).join('\n');
  return { frames: asked.length - 1, asked: asked.join('\n'), answered: `${answered}\n${client.closeCode}`, letIn };
}

async function isLetIn(client: VisitorClient): Promise<boolean> {
  const ready = client.next('ready').then(
    () => true,
    () => false,
  );
  return Promise.race([ready, client.closed().then(() => false)]);
}

/** A visitor of the own tenant, as they should come. */
const ownPage: Doors = async ({ url }, { site }) => {
  const { token } = await openConversation(url, site);
  return { path: '/v1/ws', headers: {}, origin: site.origin, token };
};

/** A page of the own tenant with what opens another's conversations elsewhere. */
const strangePage: Doors = async ({ victim: { known } }, { site, headers }, random) => ({
  ...{ path: '/v1/ws', headers: {}, origin: site.origin },
  token: anyToken(random, known, headers),
});

/** Somebody of the portal at their own conversation. */
const ownPortal: Doors = async (world, attacker) => {
  const { headers, own } = portalUserOf(world, attacker);
  return { path: own.replace('/api/portal/chat/conversations', '/chat/ws'), headers, origin: world.url };
};

/** The same with another's conversation or another's token. */
const strangePortal: Doors = async (world, attacker, random) => {
  const { headers, own } = portalUserOf(world, attacker);
  const { known } = world.victim;
  const theirs = `/chat/ws/${known.portalConversationId}`;
  const byCookie = { path: theirs, headers, origin: world.url };
  if (random.chance(AGAIN)) return { ...byCookie, token: anyToken(random, known, headers) };
  const page = { headers: {}, origin: attacker.site.origin };
  const { body } = await request(`${world.url}${own}/token`, {
    method: 'POST',
    headers: { ...headers, origin: world.url },
  });
  const mixed = [
    { ...page, path: theirs, token: String(body['token']) },
    { ...page, path: theirs, token: known.portalToken },
    { ...page, path: own.replace('/api/portal/chat/conversations', '/chat/ws'), token: known.portalToken },
  ];
  return pick(random, mixed);
};

function portalUserOf({ attackers }: FuzzWorld, attacker: Attacker): Attacker {
  return attackers.find(({ name }) => name === 'portal user') ?? attacker;
}

function anyToken(random: Random, known: Known, headers: Record<string, string>): string {
  const own = (headers['authorization'] ?? headers['cookie'] ?? 'nobody').replace(/^Bearer /, '');
  const [header = '', claims = ''] = known.token.split('.');
  const [, , signature = ''] = own.split('.');
  return pick(random, [known.token, known.portalToken, known.challenge, own, `${header}.${claims}.${signature}`]);
}

/** A frame as it should be, with ids of the other tenant's in it, or one that only some other product would know. */
function hostileFrame(random: Random, targets: Targets): object {
  const id = () =>
    hostileValue(random, ['clientMessageId', 'messageId', 'conversationId', 'portalConversationId'], targets);
  const more = random.chance(AGAIN)
    ? { tenantId: targets.theirs.tenantId, conversationId: targets.theirs.conversationId }
    : {};
  const answering = () => (random.chance(AGAIN) ? { replyTo: id() } : {});
  const token = () => pick(random, [targets.theirs.token, targets.theirs.portalToken, targets.theirs.challenge]);
  const frames: (() => object)[] = [
    () => ({
      type: 'message',
      clientMessageId: random.chance(0.5) ? id() : uuidv7(),
      text: id(),
      choiceId: id(),
      ...answering(),
    }),
    () => ({ type: 'rate', rating: pick(random, [1, 5, 9]), conversationId: id() }),
    () => ({ type: 'auth', token: token(), since: 0 }),
    () => ({ type: 'read', conversationId: id(), messageId: id(), upToSeq: 1 }),
    () => ({ type: 'typing', active: true, conversationId: id() }),
    () => ({ type: 'subscribe', channel: id(), conversationId: id() }),
    () => ({ type: 'ping', conversationId: id() }),
  ];
  return { ...pick(random, frames)(), ...more };
}
