import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getSession } from '../../db/queries/getSession.ts';
import { sites } from '../../db/schema/sites.ts';
import { withTenant } from '../../db/withTenant.ts';
import { createRandom, type Random } from '../chaos/random.ts';
import { TABLES_WITH_A_ROW } from '../db/fixtures/rowOfEach.ts';
import { until } from '../workflow/until.ts';
import type { Operation } from './access/openApi.ts';
import { dumpTenant } from './fuzz/dumpTenant.ts';
import { hostileRequest } from './fuzz/hostileRequest.ts';
import { hostileSession } from './fuzz/hostileSession.ts';
import { type LeakWatch, watchLeaks } from './fuzz/leaks.ts';
import { marksIn } from './fuzz/marks.ts';
import { pick } from './fuzz/places.ts';
import { sendHostile, textOf } from './fuzz/sendHostile.ts';
import { type FuzzWorld, startFuzzWorld, statusOfOwn } from './fuzz/startFuzzWorld.ts';
import { freshToken, VisitorClient } from './support/visitor.ts';

const SEED = 20_261_121;
const REQUESTS = 6_400;
const FRAMES = 3_700;
const AT_ONCE = 12;
/** Routes that hash a password, write an archive or name nothing of a tenant: less often than the others. */
const SELDOM = /^\/(health|ready|widget|metrics)|password|sign-in|invitations\/accept|totp|exports|audit\/export/;
const SHARE_OF_SELDOM = 0.04;

describe('the fuzz of ids across tenants', () => {
  let world: FuzzWorld;
  beforeAll(async () => {
    world = await startFuzzWorld();
  }, 120_000);
  afterAll(() => world?.stop());

  const dump = (tenantId: string) => dumpTenant(world.stack.db, tenantId);
  const marksOf = async (tenantId: string) => marksIn(JSON.stringify(await dump(tenantId)));

  /** What of the victim's is nobody else's, apart by whether attackers know it. */
  async function victimsMarks() {
    const { victim, tenants } = world;
    const known = marksIn(JSON.stringify(victim.known));
    const others = await Promise.all(tenants.map(({ tenantId }) => marksOf(tenantId)));
    const shared = new Set(others.flatMap((marks) => [...marks]));
    const all = [...(await marksOf(victim.tenantId)), ...victim.mint.words].filter((mark) => !shared.has(mark));
    const secret = new Set(all.filter((mark) => !known.has(mark)));
    return { known: new Set(all.filter((mark) => known.has(mark))), secret };
  }

  const isSeldom = ({ path }: Operation) => SELDOM.test(path);
  function anyOperation(random: Random): Operation {
    const seldom = random.chance(SHARE_OF_SELDOM);
    return pick(
      random,
      world.operations.filter((operation) => isSeldom(operation) === seldom),
    );
  }

  async function fuzzRequests(count: number, watch: LeakWatch, choose = anyOperation) {
    const statuses = new Map<number, number>();
    const broken: string[] = [];
    await inTurns(count, async (index) => {
      const random = createRandom(SEED + index);
      const hostile = await hostileRequest(world, choose(random), random);
      const { status, text } = await sendHostile(world.url, hostile);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 500) broken.push(`${textOf(hostile)}\n\n${text}`);
      watch.look(textOf(hostile), text, status < 300);
    });
    return { statuses, broken };
  }

  async function fuzzFrames(
    least: number,
    watch: LeakWatch,
  ): Promise<{ frames: number; letIn: number; refused: number }> {
    const seen = { frames: 0, letIn: 0, refused: 0 };
    for (let round = 0; seen.frames < least; round += 1) {
      await inTurns(AT_ONCE, async (index) => {
        const record = await hostileSession(world, createRandom(SEED - round * AT_ONCE - index));
        seen.frames += record.frames;
        seen[record.letIn ? 'letIn' : 'refused'] += 1;
        watch.look(record.asked, record.answered, record.letIn);
      });
    }
    return seen;
  }

  /** Sockets of the victim's own people, to which nobody else's frames may come. */
  async function victimsSockets(): Promise<VisitorClient[]> {
    const { url, victim, stack } = world;
    const { tenantId, siteKey, conversationId, portalConversationId } = victim.known;
    const since = Date.now();
    const token = await freshToken(url, { siteKey, origin: victim.origin }, conversationId);
    const visitor = await VisitorClient.join(url, token, { since: 1_000, origin: victim.origin });
    const path = `/chat/ws/${portalConversationId}?since=1000`;
    const member = await VisitorClient.connect(url, url, { path, headers: victim.member.headers });
    await member.next('ready');
    // That the visitor was there is written a moment later.
    await until(async () => {
      const session = await getSession(stack.db, { tenantId, conversationId });
      return (session?.lastSeenAt?.getTime() ?? 0) >= since;
    }, 'a visit on record');
    return [visitor, member];
  }

  it('has rows of every kind in each tenant', async () => {
    const { tenants, victim } = world;
    for (const { tenantId } of [...tenants, victim]) {
      const filled = Object.entries(await dump(tenantId)).filter(([, rows]) => rows.length > 0);
      const names = filled.map(([name]) => name).filter((name) => !name.startsWith('people.'));
      expect(names.toSorted()).toEqual(TABLES_WITH_A_ROW);
    }
  });

  it('gets nothing of another tenant and changes nothing there', async () => {
    const { victim, attackers } = world;
    const sockets = await victimsSockets();
    const marks = await victimsMarks();
    expect(marks.secret.size).toBeGreaterThan(100);
    const before = await dump(victim.tenantId);
    const watch = watchLeaks(marks);

    const { statuses, broken } = await fuzzRequests(REQUESTS, watch);
    const { frames, letIn, refused } = await fuzzFrames(FRAMES, watch);

    const requests = [...statuses.values()].reduce((sum, count) => sum + count, 0);
    expect(requests).toBe(REQUESTS);
    expect(requests + frames).toBeGreaterThanOrEqual(10_000);
    expect(watch.leaks()).toEqual([]);
    expect(broken).toEqual([]);
    expect(await dump(victim.tenantId)).toEqual(before);
    for (const socket of sockets) {
      expect(socket.frames.map(({ type }) => type)).toEqual(['ready']);
      socket.leave();
    }
    // All of it was asked by somebody whom the API knew, and answered by what was asked.
    const own = await Promise.all(attackers.map((attacker) => statusOfOwn(world, attacker)));
    expect(own).toEqual(attackers.map(() => 200));
    expect(statuses.get(429) ?? 0).toBeLessThan(REQUESTS / 20);
    expect(Math.min(letIn, refused)).toBeGreaterThan(20);
  }, 240_000);

  it('would see it if a row of the other tenant came out', async () => {
    const { stack, tenants, victim, operations } = world;
    const marks = await victimsMarks();
    const name = [...victim.mint.words].find((word) => marks.secret.has(word)) ?? '';
    for (const { tenantId } of tenants) {
      await withTenant(stack.db, tenantId, (tx) => tx.update(sites).set({ name }).where(eq(sites.tenantId, tenantId)));
    }
    const watch = watchLeaks(marks);
    const reads = operations.filter(({ method, path }) => method === 'GET' && path.startsWith('/v1/admin/'));
    await fuzzRequests(300, watch, (random) => pick(random, reads));
    const leaks = watch.leaks();
    expect(new Set(leaks.map(({ mark }) => mark))).toEqual(new Set([name]));
    expect(leaks[0]?.asked).toContain('GET /v1/admin/sites');
  });
});

/** Does something so many times, some at once. */
async function inTurns(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) {
      await work(index).catch((error: unknown) => {
        next = count;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
