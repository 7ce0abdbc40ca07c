/** So many points in a window of so many seconds. */
export interface RateLimit {
  points: number;
  seconds: number;
  /** Who asks again, while refused, as often as was allowed is kept out for twice as long, then four times, up to an hour. */
  backoff: boolean;
  /** What there were too many of, for whoever is refused. */
  of: string;
  /** Where the figure comes from. */
  why: string;
}

/** So many at a time, on one instance. */
export interface SlotLimit {
  points: number;
  of: string;
  why: string;
}

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

/**
 * Every limit on how often. The part before the dot is who it counts: an IP address (IPv6: its /64), a tenant, a site, an API
 * key, a conversation. LIMITS in the environment changes the points of any; docs/limits.md shows them.
 */
export const RATE_LIMITS = {
  'ip.config': perMinute(240, 'requests for a configuration', 'a page view asks once; 100 people behind one address'),
  'ip.init': perMinute(120, 'requests to begin', 'half of ip.config: most page views begin nothing'),
  'ip.start': perMinute(10, 'new conversations', 'mission S5; a tenant sets its own: limits.startsPerMinutePerIp'),
  'ip.quickStart': perMinute(
    3,
    'new conversations at once',
    'a page may open the chat by itself; more of it is a program',
  ),
  'ip.token': perMinute(
    240,
    'requests for a token',
    'one for each connect; after a restart all of an address come back',
  ),
  'ip.message': perMinute(
    1_200,
    'messages',
    '100 people behind one address who write every 5 s, in whatever conversation',
  ),
  'ip.upload': perMinute(60, 'uploads', 'ten files at once, from a handful of visitors behind one address'),
  'ip.file': perMinute(600, 'requests for files', 'a page of messages with pictures, each asked for and then read'),
  'ip.history': perMinute(240, 'requests for messages', 'one for each hole and each page of 200'),
  'ip.events': perMinute(120, 'event reports', 'the widget sends them in batches'),
  'ip.connect': perMinute(240, 'connections', 'as ip.token: each follows one'),
  'ip.auth': perMinute(30, 'attempts to sign in', 'a person needs a handful; accounts lock by themselves as well'),
  'ip.admin': perMinute(1_200, 'requests', 'before anybody is known: twice what one API key may do'),
  'ip.webhook': perMinute(6_000, 'updates', 'Telegram sends the updates of all tenants from few addresses'),
  'ip.other': perMinute(300, 'requests', 'documents and unknown addresses: a person reads, a scanner does not'),
  'site.start': perMinute(120, 'new conversations', 'beyond it the site counts as under attack: starts pay with work'),
  'tenant.start': perMinute(1_200, 'new conversations', 'ten times the rate at which starts pay with work'),
  'tenant.message': perMinute(3_000, 'messages', 'a tenant sets its own: limits.messagesPerMinute'),
  'tenant.webhook': perMinute(1_800, 'updates', 'mission T1; a group that may take 20 writes a minute makes far fewer'),
  'apiKey.request': perMinute(600, 'requests', 'each key has its own: requestsPerMinute'),
  'conversation.message': {
    points: 30,
    seconds: 10,
    backoff: true,
    of: 'messages',
    why: 'one socket may send as many (mission S5); several sockets of one conversation share it',
  },
  'conversation.upload': {
    points: 30,
    seconds: MINUTE,
    backoff: true,
    of: 'uploads',
    why: 'three messages with as many files as they may have',
  },
  'account.reset': {
    points: 3,
    seconds: 60 * MINUTE,
    backoff: false,
    of: 'requests for a new password',
    why: 'mails to one address, whoever asks for them',
  },
  'conversation.rename': { points: 3, seconds: DAY, backoff: false, of: 'new titles', why: 'mission S5' },
} as const satisfies Record<string, RateLimit>;

/** Every limit on how many at a time. Each instance counts its own. */
export const SLOT_LIMITS = {
  'ip.socket': { points: 200, of: 'connections', why: '100 people behind one address with two tabs each' },
  'tenant.export': { points: 1, of: 'exports', why: 'one tenant must not take the places of all' },
  'instance.export': {
    points: 2,
    of: 'exports',
    why: 'each holds one of ten connections to the database, and a snapshot',
  },
  'conversation.socket': { points: 20, of: 'connections', why: 'tabs and devices of one visitor' },
  'instance.uploads': { points: 24, of: 'uploads at the same time', why: 'each is in memory: 240 MB at most' },
  'instance.halfOpen': {
    points: 2_000,
    of: 'connections without a first frame',
    why: 'beyond it the oldest makes room; a good client sends its first frame within a round trip',
  },
} as const satisfies Record<string, SlotLimit>;

/** Mission S5: the frames of one socket. No ten seconds, wherever they begin, hold more. */
export const FRAME_LIMITS = {
  'socket.frame': { points: 30, seconds: 10, of: 'frames', why: 'mission S5' },
} as const;

export type RateLimitName = keyof typeof RATE_LIMITS;
export type SlotLimitName = keyof typeof SLOT_LIMITS;
export type FrameLimitName = keyof typeof FRAME_LIMITS;
export type LimitName = RateLimitName | SlotLimitName | FrameLimitName;

function perMinute(points: number, of: string, why: string): RateLimit {
  return { points, seconds: MINUTE, backoff: true, of, why };
}
