import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalProvider } from '../../activities/ai/localProvider.ts';
import { listAudit } from '../../db/queries/audit/listAudit.ts';
import { knowledgeDocuments } from '../../db/schema/knowledgeDocuments.ts';
import { portalConversations } from '../../db/schema/portalConversations.ts';
import { withTenant } from '../../db/withTenant.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { copy } from '../workflow/fixtures.ts';
import { GREETING, type PortalStack, type PortalUser, startPortal } from './support/portal.ts';
import type { Answer } from './support/visitor.ts';

/** What tells two refusals apart, without what must differ. */
function refusalOf({ status, body: { requestId: _requestId, ...body } }: Answer): unknown {
  return { status, ...body };
}

describe('conversations of the portal', () => {
  let portal: PortalStack;
  beforeAll(async () => {
    portal = await startPortal(createLocalProvider());
    await withTenant(portal.stack.db, portal.tenantId, (tx) =>
      tx.insert(knowledgeDocuments).values({
        tenantId: portal.tenantId,
        id: uuidv7(),
        title: 'Opening hours',
        locale: 'en',
        body: 'The opening hours are from nine to five.',
      }),
    );
  });
  afterAll(() => portal.stack.stop());

  it('is one for each agent and person, however many ask at once and wherever', async () => {
    const { id, slug } = await portal.agent();
    const user = await portal.person();
    const asks = Array.from({ length: 24 }, (_, index) =>
      user.at(portal.urls[index % 2] ?? '').open(index % 3 === 0 ? id : slug),
    );
    const answers = await Promise.all(asks);
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
    expect(answers.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(1);
    expect(answers.every(({ status }) => status === 200 || status === 201)).toBe(true);
    expect(answers[0]?.body).toMatchObject({ status: 'new', lastSeq: 0, agent: { id, slug, greeting: GREETING } });

    const other = await portal.person();
    expect(await other.conversation(slug)).not.toBe(answers[0]?.body['id']);
    const rows = await withTenant(portal.stack.db, portal.tenantId, (tx) => tx.select().from(portalConversations));
    expect(rows.filter(({ agentId }) => agentId === id)).toHaveLength(2);
  });

  it('is answered by the agent under its name; its greeting stands first', async () => {
    const { slug } = await portal.agent();
    const user = await portal.person();
    const id = await user.conversation(slug);
    const { status } = await user.say(id, 'What are your opening hours?');
    expect(status).toBe(202);
    const { messages } = await user.settled(id, 3);
    expect(messages.map(({ seq, author, text }) => [seq, author.kind, author.name, text])).toEqual([
      [1, 'bot', 'Ada', GREETING],
      [2, 'visitor', undefined, 'What are your opening hours?'],
      [3, 'ai', 'Ada', 'The opening hours are from nine to five.'],
    ]);
    expect((await user.get(id)).body).toMatchObject({ status: 'new', lastSeq: 3 });

    await user.say(id, 'Who painted the ceiling of the chapel?');
    expect((await user.settled(id, 5)).messages[4]?.text).toBe(copy.unanswered);
  });

  it('takes a message once, whichever instance it comes to again', async () => {
    const { slug } = await portal.agent();
    const user = await portal.person();
    const id = await user.conversation(slug);
    const clientMessageId = uuidv7();
    const sent = await Promise.all(
      [...portal.urls, ...portal.urls].map((url) =>
        user.at(url).say(id, 'What are your opening hours?', clientMessageId),
      ),
    );
    expect(sent.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    await user.settled(id, 3);
    await user.say(id, 'Thanks');
    const { messages } = await user.settled(id, 5);
    expect(messages.filter(({ direction }) => direction === 'INBOUND')).toHaveLength(2);
  });

  it('is read by pages that say truly what lies before and after them', async () => {
    const { slug } = await portal.agent({ greeting: null });
    const user = await portal.person();
    const id = await user.conversation(slug);
    expect(await user.history(id)).toEqual({ messages: [], lastSeq: 0, before: null, cursor: 0, hasMore: false });
    for (let count = 1; count <= 3; count += 1) {
      await user.say(id, 'What are your opening hours?');
      await user.settled(id, 2 * count);
    }
    const seqs = async (query: string) => {
      const { messages, before, cursor, hasMore } = await user.history(id, query);
      return { seqs: messages.map(({ seq }) => seq), before, cursor, hasMore };
    };
    expect(await seqs('?limit=4')).toEqual({ seqs: [3, 4, 5, 6], before: 3, cursor: 6, hasMore: false });
    expect(await seqs('?before=3&limit=4')).toEqual({ seqs: [1, 2], before: null, cursor: 2, hasMore: true });
    expect(await seqs('?before=3&limit=2')).toEqual({ seqs: [1, 2], before: null, cursor: 2, hasMore: true });
    expect(await seqs('?before=1')).toEqual({ seqs: [], before: null, cursor: 0, hasMore: true });
    expect(await seqs('?cursor=0&limit=4')).toEqual({ seqs: [1, 2, 3, 4], before: null, cursor: 4, hasMore: true });
    expect(await seqs('?cursor=4&limit=2')).toEqual({ seqs: [5, 6], before: 5, cursor: 6, hasMore: false });
    expect(await seqs('?cursor=6')).toEqual({ seqs: [], before: 7, cursor: 6, hasMore: false });
    const both = await user.send('GET', `/api/portal/chat/conversations/${id}/messages?cursor=1&before=3`);
    expect(both.body['code']).toBe('invalid_request');
  });

  it('empties on DELETE and stays the same conversation, which begins anew', async () => {
    const { slug } = await portal.agent();
    const user = await portal.person();
    const id = await user.conversation(slug);
    expect((await user.empty(id)).status).toBe(204);
    await user.say(id, 'What are your opening hours?');
    await user.settled(id, 3);

    expect((await user.empty(id)).status).toBe(204);
    expect(await user.history(id)).toEqual({ messages: [], lastSeq: 3, before: null, cursor: 3, hasMore: false });
    const again = await user.open(slug);
    expect([again.status, again.body['id'], again.body['status']]).toEqual([200, id, 'new']);
    await user.say(id, 'What are your opening hours?');
    const { messages } = await user.settled(id, 3);
    expect(messages.map(({ seq, author }) => [seq, author.kind])).toEqual([
      [4, 'bot'],
      [5, 'visitor'],
      [6, 'ai'],
    ]);
    const entries = await listAudit(portal.stack.db, portal.tenantId, { limit: 100 });
    const emptied = entries.filter(({ target }) => target === `conversation/${id}`);
    expect(emptied.map(({ action, actor }) => [action, actor.kind])).toEqual([
      ['portal_conversation.emptied', 'person'],
      ['portal_conversation.emptied', 'person'],
    ]);
  });

  it('is nobody else’s: to everyone it looks like one that does not exist, and a platform admin only reads', async () => {
    const { slug } = await portal.agent();
    const owner = await portal.person();
    const id = await owner.conversation(slug);
    const stranger = await portal.person('admin', (await createTenant(portal.stack.db)).tenantId);
    const attempts: ((user: PortalUser, at: string) => Promise<Answer>)[] = [
      (user, at) => user.get(at),
      (user, at) => user.send('GET', `/api/portal/chat/conversations/${at}/messages`),
      (user, at) => user.say(at, 'Hello'),
      (user, at) => user.empty(at),
      (user, at) => user.token(at),
    ];
    for (const user of [await portal.person('admin'), stranger]) {
      for (const attempt of attempts) {
        const refused = refusalOf(await attempt(user, id));
        expect(refused).toMatchObject({ status: 404, code: 'conversation_not_found' });
        expect(refused).toEqual(refusalOf(await attempt(user, uuidv7())));
      }
    }
    const platformAdmin = await portal.person('platform admin');
    const statuses = await Promise.all(attempts.map(async (attempt) => (await attempt(platformAdmin, id)).status));
    expect(statuses).toEqual([200, 200, 404, 404, 404]);
  });

  it('lists one’s own, all to a platform admin, and nothing to who is no member', async () => {
    const { tenantId } = await createTenant(portal.stack.db);
    const { slug } = await portal.agent({}, tenantId);
    const users = [
      await portal.person('viewer', tenantId),
      await portal.person('admin', tenantId),
      await portal.person('agent', tenantId),
    ];
    const ids: string[] = [];
    for (const user of users) ids.push(await user.conversation(slug));
    const idsOf = ({ body }: Answer) => (body['items'] as { id: string }[]).map(({ id }) => id);
    for (const [index, user] of users.entries()) expect(idsOf(await user.list())).toEqual([ids[index]]);

    const platformAdmin = await portal.person('platform admin');
    const first = await platformAdmin.list(`?tenantId=${tenantId}&limit=2`);
    expect(idsOf(first)).toEqual([ids[2], ids[1]]);
    const second = await platformAdmin.list(`?tenantId=${tenantId}&limit=2&cursor=${String(first.body['nextCursor'])}`);
    expect([idsOf(second), second.body['nextCursor']]).toEqual([[ids[0]], null]);
    expect((await platformAdmin.list()).body['code']).toBe('invalid_request');

    const stranger = await portal.person();
    const refused = refusalOf(await stranger.list(`?tenantId=${tenantId}`));
    expect(refused).toMatchObject({ status: 403, code: 'forbidden' });
    expect(refused).toEqual(refusalOf(await stranger.list(`?tenantId=${uuidv7()}`)));
    expect(refusalOf(await stranger.open(slug, tenantId))).toEqual(refused);
  });

  it('is with an agent that is there and switched on', async () => {
    const { id: agentId, slug } = await portal.agent();
    const admin = await portal.person('admin');
    const user = await portal.person();
    const id = await user.conversation(slug);
    expect((await user.open('nobody')).body['code']).toBe('agent_unknown');
    const removal = () => admin.send('DELETE', `/v1/admin/ai-agents/${agentId}`);
    expect((await removal()).body['code']).toBe('conflict');
    const off = await admin.send('PATCH', `/v1/admin/ai-agents/${agentId}`, { enabled: false });
    expect(off.body).toMatchObject({ id: agentId, enabled: false });
    await expect
      .poll(async () => (await user.say(id, 'Hello?')).body['code'], { timeout: 8_000 })
      .toBe('agent_disabled');
    await expect.poll(async () => (await user.open(slug)).body['code'], { timeout: 8_000 }).toBe('agent_unknown');
    expect((await user.get(id)).status).toBe(200);
  });

  it('is refused where the tenant has switched the portal off', async () => {
    const { tenantId } = await createTenant(portal.stack.db);
    const { slug } = await portal.agent({}, tenantId);
    const admin = await portal.person('admin', tenantId);
    const { status } = await admin.send('PUT', '/v1/admin/settings/development', { flags: { portal: false } });
    expect(status).toBe(200);
    expect((await admin.open(slug)).body['code']).toBe('forbidden');
  });
});

describe('agents of a tenant', () => {
  let portal: PortalStack;
  beforeAll(async () => {
    portal = await startPortal(createLocalProvider());
  });
  afterAll(() => portal.stack.stop());

  it('are made, listed, changed and deleted by its admins, each with its line in the log', async () => {
    const admin = await portal.person('admin');
    const agents = '/v1/admin/ai-agents';
    const made = await admin.send('POST', agents, { slug: 'order-desk', name: 'Otto' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      slug: 'order-desk',
      name: 'Otto',
      instructions: '',
      greeting: null,
      enabled: true,
    });
    expect((await admin.send('POST', agents, { slug: 'order-desk', name: 'Ono' })).body['code']).toBe('conflict');
    expect((await admin.send('POST', agents, { slug: 'x', name: 'X', flowId: uuidv7() })).body['code']).toBe(
      'conflict',
    );
    const { id } = made.body as { id: string };
    const changed = await admin.send('PATCH', `${agents}/${id}`, { instructions: 'Be brief.' });
    expect(changed.body).toMatchObject({ id, name: 'Otto', instructions: 'Be brief.' });
    expect((await (await portal.person('viewer')).send('GET', agents)).body['items']).toEqual([changed.body]);
    expect((await admin.send('DELETE', `${agents}/${id}`)).status).toBe(204);
    expect((await admin.send('DELETE', `${agents}/${id}`)).body['code']).toBe('not_found');
    const entries = await listAudit(portal.stack.db, portal.tenantId, { limit: 10 });
    expect(entries.map(({ action, data }) => [action, data])).toEqual([
      ['ai_agent.deleted', {}],
      ['ai_agent.changed', { fields: ['instructions'] }],
      ['ai_agent.created', {}],
    ]);
  });
});
